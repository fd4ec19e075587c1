"""The engine, and who has a say in what it does: policies, quotas, approvals."""

from __future__ import annotations

from roadbed.approvals.gate import ApprovalGate
from roadbed.approvals.service import Approvals
from roadbed.approvals.telling import Telling
from roadbed.approvals.waiting import Waiting
from roadbed.backups.keeper import Keeper
from roadbed.backups.store import Store as BackupStore
from roadbed.delivery.config_secrets import ConfigSecrets
from roadbed.engine.editing import StateEditor
from roadbed.engine.handing import Handing
from roadbed.engine.service import Engine
from roadbed.engine.states import States
from roadbed.estimates.service import Estimates
from roadbed.main.parts.ground import Ground
from roadbed.main.parts.machine import Machine
from roadbed.policy.service import Policies
from roadbed.quotas.policy import counted_policies
from roadbed.quotas.service import Quotas
from roadbed.stacks.secrets import HeldSecrets
from roadbed.waivers.in_force import WaiversInForce


class Deciding:
    def __init__(self, ground: Ground, machine: Machine) -> None:
        database, clock, repository = ground.database, ground.clock, ground.repository
        authorise, audit, secrets, events = ground.authorise, ground.audit, ground.secrets, ground.events
        providers, backups = machine.providers, ground.settings.backups
        self.states = States(authorise, audit, events, clock)
        self.estimates = Estimates(authorise, repository, providers)
        self.quotas = Quotas(authorise, repository, self.states, ground.catalog.groups, providers, self.estimates)
        self.policies = Policies(authorise, repository, counted_policies(self.quotas))
        self.held = HeldSecrets(authorise, ConfigSecrets(authorise))
        self.keeper = Keeper(database, BackupStore(ground.home, backups, secrets), audit, events, clock, backups)
        gate = ApprovalGate(authorise, repository, ground.identity.accounts.principal)
        self.engine = Engine(
            database,
            authorise,
            audit,
            events,
            clock,
            secrets,
            providers,
            self.policies,
            self.held,
            WaiversInForce(clock),
            gate,
            estimates=self.estimates,
            last_keeper=self.keeper,
        )
        self.editor = StateEditor(authorise, audit, events, clock, secrets, providers)
        self.handing = Handing(authorise, secrets, providers)
        self.telling = Telling(audit, events)
        self.approvals = Approvals(authorise, ground.operations, self.engine, gate, self.telling, clock)
        self.waiting = Waiting(gate, self.engine, self.telling, clock)
