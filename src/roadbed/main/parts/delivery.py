"""Applications: from a source tree to what runs, and what belongs to them."""

from __future__ import annotations

from urllib.parse import urlsplit

from roadbed.backups.keeper import kept
from roadbed.backups.service import Backups
from roadbed.backups.working import BACKUP, RESTORE, BackingUp, Restoring
from roadbed.delivery.application_plans import ApplicationPlans
from roadbed.delivery.block_costs import BlockCosts
from roadbed.delivery.building import BUILD, Building
from roadbed.delivery.builds.pruning import PRUNE, Pruning
from roadbed.delivery.builds.service import Builds
from roadbed.delivery.deployment.handler import Deployments
from roadbed.delivery.destruction import Destructions
from roadbed.delivery.directory import Directory
from roadbed.delivery.jobs import Jobs
from roadbed.delivery.planning import Planning
from roadbed.delivery.requesting import Requests
from roadbed.delivery.resources import Resources
from roadbed.delivery.rotation import ROTATION, Rotations
from roadbed.delivery.service import Applications
from roadbed.engine.revealing import Revealing
from roadbed.engine.rotating import Rotating
from roadbed.main.parts.engine import Deciding
from roadbed.main.parts.ground import Ground
from roadbed.main.parts.machine import Machine
from roadbed.sandbox.detect import isolation


class Delivering:
    def __init__(self, ground: Ground, machine: Machine, deciding: Deciding) -> None:
        database, clock, repository, settings = ground.database, ground.clock, ground.repository, ground.settings
        authorise, audit, secrets, events = ground.authorise, ground.audit, ground.secrets, ground.events
        operations, engine, runtimes = ground.operations, deciding.engine, machine.runtimes
        self.builds = Builds(ground.home, authorise, audit, clock, settings.builds)
        self.pruning = Pruning(ground.home, authorise, audit, operations, clock, settings.builds)
        own = {urlsplit(ground.url).port or 80: "the platform's own"}
        self.planning = Planning(
            repository,
            self.builds,
            engine,
            runtimes,
            ground.catalog.groups,
            lambda: {**own, machine.gateway.addresses.port: "the gateway's"},
        )
        self.directory = Directory(authorise, self.planning)
        self.applications = Applications(
            authorise, audit, operations, self.directory, self.planning, engine, runtimes, secrets, clock
        )
        self.application_plans = ApplicationPlans(authorise, self.directory, self.planning)
        self.requests = Requests(authorise, audit, operations, self.planning, clock)
        rotating = Rotating(database, deciding.handing, deciding.editor, machine.providers.values())
        self.resources = Resources(
            audit,
            self.directory,
            self.planning,
            self.builds,
            engine,
            Revealing(authorise, secrets, deciding.held),
            repository,
            self.requests,
            rotating,
            clock,
        )
        self.backups = Backups(
            authorise,
            audit,
            operations,
            self.directory,
            self.resources,
            repository,
            deciding.handing,
            deciding.keeper,
            kept(machine.providers.values()),
        )
        self.jobs = Jobs(self.directory, machine.scheduled_jobs)
        self.block_costs = BlockCosts(deciding.estimates, repository)
        self.building = Building(authorise, audit, operations, self.directory, self.planning, self.builds, secrets)
        self.destructions = Destructions(self.planning, engine, events, deciding.waiting)
        deployments = Deployments(
            self.planning, self.builds, engine, events, secrets, clock, deciding.waiting, sandboxed=isolation().sandbox
        )
        operations.register(PRUNE, self.pruning.run)
        operations.register(BUILD, self.building.run)
        operations.register("deployment", deployments.run)
        operations.register("destruction", self.destructions.run)
        operations.register(ROTATION, Rotations(self.planning, rotating, deployments).run)
        operations.register(BACKUP, BackingUp(deciding.keeper, deciding.handing, events).run)
        operations.register(RESTORE, Restoring(deciding.keeper, deciding.handing).run)
        deciding.approvals.plan_again_by("deployment", self.requests.again)
        deciding.approvals.plan_again_by("destruction", self.applications.destroy_again)
