"""Stacks of any kind, and what the platform team gives: building blocks, golden paths."""

from __future__ import annotations

from roadbed.blocks.checking import Checking
from roadbed.blocks.examples import Examples
from roadbed.blocks.impact import Impacts
from roadbed.blocks.service import Blocks
from roadbed.delivery.folder_deployer import FolderDeployer
from roadbed.delivery.in_force import InForce
from roadbed.delivery.replanning import Replanning
from roadbed.engine.foresight import Foresight
from roadbed.golden_paths.service import GoldenPaths
from roadbed.main.parts.delivery import Delivering
from roadbed.main.parts.engine import Deciding
from roadbed.main.parts.ground import Ground
from roadbed.main.parts.machine import Machine
from roadbed.main.repo_checks import groups_of, of_catalog, of_policies, of_prices, of_quotas, of_templates
from roadbed.providers.registry import types_of
from roadbed.resource_types.service import ResourceTypes
from roadbed.stacks.applying import Applies
from roadbed.stacks.costs import Costs
from roadbed.stacks.looking import Drifts, Refreshes
from roadbed.stacks.operations import APPLY, DRIFT, REFRESH
from roadbed.stacks.planner import StackPlanner
from roadbed.stacks.secrets import ModuleSecrets
from roadbed.stacks.service import Stacks
from roadbed.stacks.sources import Sources
from roadbed.stacks.subjects import WaiverSubjects
from roadbed.waivers.service import Waivers


class Stacking:
    def __init__(self, ground: Ground, machine: Machine, deciding: Deciding, delivering: Delivering) -> None:
        clock, repository, settings = ground.clock, ground.repository, ground.settings
        authorise, audit, secrets, events = ground.authorise, ground.audit, ground.secrets, ground.events
        operations, engine, states = ground.operations, deciding.engine, deciding.states
        planning, editor = delivering.planning, deciding.editor
        module_secrets = ModuleSecrets(authorise, editor, secrets, clock)
        self.sources = Sources(authorise, repository, InForce(authorise, planning), states, module_secrets)
        planner = StackPlanner(authorise, audit, operations, self.sources, engine)
        self.stacks = Stacks(
            authorise, audit, operations, self.sources, planner, engine, states, editor, module_secrets
        )
        operations.register(APPLY, Applies(engine, delivering.destructions, deciding.waiting, clock).run)
        operations.register(REFRESH, Refreshes(engine, states, editor).run)
        operations.register(DRIFT, Drifts(engine, states, self.sources, planner, clock).run)
        deciding.approvals.plan_again_by(APPLY, self.stacks.again)
        self.costs = Costs(authorise, deciding.estimates, states, engine, ground.repository)
        subjects = WaiverSubjects(self.sources, states, engine)
        self.waivers = Waivers(authorise, audit, events, clock, deciding.policies, subjects, settings.waivers)
        self.golden_paths = GoldenPaths(
            root=repository.folder,
            home=ground.home,
            operations=operations,
            catalog=ground.catalog,
            deployer=FolderDeployer(delivering.applications, delivering.directory, delivering.builds),
            authorise=authorise,
            audit=audit,
        )
        foresight = Foresight(authorise, secrets, types_of(machine.providers), deciding.held)
        replanning = Replanning(authorise, planning)
        examples = Examples(repository.building_blocks, foresight)
        impacts = Impacts(repository, replanning, foresight)
        self.blocks = Blocks(authorise, audit, clock, repository, replanning, examples, impacts)
        groups = groups_of(ground.catalog.groups)
        checks = [
            of_policies(authorise),
            of_prices(deciding.estimates.of),
            of_quotas(deciding.quotas, groups),
            of_catalog,
            of_templates,
        ]
        self.checking = Checking(authorise, foresight, groups, checks)
        self.resource_types = ResourceTypes(authorise, machine.providers)
