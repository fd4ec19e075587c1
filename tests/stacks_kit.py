"""Stacks for tests: on a real database, with a worker, over a world in a file; modules are run for real."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import roadbed
from control_kit import Control, make_control
from fakes.access import allow
from fakes.approvals import People
from fakes.policies import FakePolicies
from roadbed.approvals.gate import ApprovalGate
from roadbed.approvals.schedule import ApprovalSchedule
from roadbed.approvals.service import Approvals
from roadbed.approvals.telling import Telling
from roadbed.approvals.waiting import Waiting
from roadbed.audit.service import Audit
from roadbed.control.domain import Operation
from roadbed.delivery.in_force import Deployed
from roadbed.engine.domain import Plan
from roadbed.engine.editing import StateEditor
from roadbed.engine.service import Engine, StackInfo
from roadbed.engine.states import States
from roadbed.kit.access import Authorise, Principal
from roadbed.kit.clock import Clock, SystemClock
from roadbed.kit.names import StackName
from roadbed.platform.service import Platform
from roadbed.sdk.testing.faults import FaultyProvider, Thing, World
from roadbed.secrets.service import Secrets
from roadbed.stacks.applying import Applies
from roadbed.stacks.domain import Wish
from roadbed.stacks.looking import Drifts, Refreshes
from roadbed.stacks.operations import APPLY, DRIFT, REFRESH
from roadbed.stacks.planner import StackPlanner
from roadbed.stacks.schedule import DriftSchedule
from roadbed.stacks.secrets import HeldSecrets, ModuleSecrets
from roadbed.stacks.service import Stacks
from roadbed.stacks.sources import Sources
from roadbed.stacks.subjects import WaiverSubjects
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from roadbed.waivers.in_force import WaiversInForce
from roadbed.waivers.schedule import WaiverSchedule
from roadbed.waivers.service import Waivers
from roadbed.waivers.settings import WaiverSettings

STARTER = Path(roadbed.__path__[0]) / "platform" / "starter"
DEFAULTS = "from roadbed.sdk import Component, Resource, export, secret, stack\n"


class Nothing(FakePolicies):
    """No secrets of applications are held, no policy says anything."""

    async def held(self, call: Call, stack: StackInfo) -> Mapping[str, str]:
        return {}


class Applications:
    """Those that are in force: stack → graph document."""

    def __init__(self) -> None:
        self.documents: dict[str, Mapping[str, Any]] = {}
        self.forgotten: list[str] = []

    async def find(self, call: Call, name: StackName) -> Deployed | None:
        if str(name) not in self.documents:
            return None
        return Deployed(StackInfo(name, "group:default/payments", "development"), 3, "Takes orders")

    async def stacks(self, call: Call) -> frozenset[str]:
        return frozenset(self.documents)

    async def document(self, call: Call, stack: StackInfo) -> Mapping[str, Any]:
        return self.documents[str(stack.name)]

    async def forget(self, call: Call, stack: StackInfo) -> None:
        self.forgotten.append(str(stack.name))


@dataclass
class Scene:
    """Short forms, each in a transaction of its own, in the name of the control's principal."""

    control: Control
    stacks: Stacks
    states: States
    schedule: DriftSchedule
    applications: Applications
    world: World
    root: Path
    policies: FakePolicies
    people: People
    approvals: Approvals
    reminding: ApprovalSchedule
    waivers: Waivers
    announcing: WaiverSchedule

    async def start(self) -> None:
        await self.control.events.start()
        await self.control.worker.start(grace=0)

    async def stop(self) -> None:
        await self.control.worker.close()
        await self.control.events.close()
        self.world.close()

    def module(self, name: str, program: str) -> None:
        folder = self.root / "modules" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "roadbed.py").write_text(DEFAULTS + program)

    def environments(self, text: str) -> None:
        (self.root / "environments.yaml").write_text(
            f"apiVersion: roadbed.dev/v1\nkind: Environments\nenvironments:\n{text}"
        )

    async def do(self, method: str, *arguments: Any, by: Principal | None = None, **options: Any) -> Any:
        """A method of the service, in a transaction of its own."""
        async with self.control.database.call(by or self.control.principal) as call:
            return await getattr(self.stacks, method)(call, *arguments, **options)

    async def plan(self, stack: str, **wish: Any) -> Plan:
        return cast(Plan, await self.do("plan", stack, Wish(**wish)))

    async def ended(self, operation: Operation) -> Operation:
        return await self.control.ended(operation.id)

    async def apply(self, stack: str, program: str | None = None, **wish: Any) -> Operation:
        """Plans and applies, with another program if one is given."""
        if program is not None:
            self.module(stack.partition("@")[0], program)
        plan = await self.plan(stack, **wish)
        ended = await self.ended(await self.do("apply", stack, plan.number))
        assert ended.state == "succeeded", ended.error
        return ended

    async def state(self, stack: str) -> dict[str, Any]:
        """The resources by name."""
        return {item.name: item for item in await self.do("resources", stack)}

    def thing(self, name: str) -> Thing:
        return next(thing for thing in self.world.things.values() if f"/{name}#" in thing.urn)


def make_scene(database: Database, home: Path, *, authorise: Authorise = allow, clock: Clock | None = None) -> Scene:
    """Not started. The platform repo is a copy of what ships."""
    control = make_control(database, authorise)
    shutil.copytree(STARTER, home / "platform", dirs_exist_ok=True)
    audit, events, clock = cast(Audit, control.audit), control.events, clock or SystemClock()
    world = World(home / "world.sqlite")
    provider = FaultyProvider(world)
    providers = dict.fromkeys(provider.types, provider)
    secrets = Secrets(bytes(32))
    policies = Nothing()
    nothing = cast(Any, policies)
    held = HeldSecrets(authorise, nothing)
    platform, people = Platform(home, authorise), People()
    gate, waivers = ApprovalGate(authorise, platform, people.principal), WaiversInForce(clock)
    engine = Engine(database, authorise, audit, events, clock, secrets, providers, nothing, held, waivers, gate)
    states = States(authorise, audit, events, clock)
    editor = StateEditor(authorise, audit, events, clock, secrets, providers)
    applications = Applications()
    module_secrets = ModuleSecrets(authorise, editor, secrets, clock)
    sources = Sources(authorise, platform, cast(Any, applications), states, module_secrets)
    planner = StackPlanner(authorise, audit, control.operations, sources, engine)
    stacks = Stacks(authorise, audit, control.operations, sources, planner, engine, states, editor, module_secrets)
    telling = Telling(audit, events)
    approvals = Approvals(authorise, control.operations, engine, gate, telling, clock)
    approvals.plan_again_by(APPLY, stacks.again)
    waiting = Waiting(gate, engine, telling, clock)
    control.operations.register(APPLY, Applies(engine, cast(Any, applications), waiting, clock).run)
    control.operations.register(REFRESH, Refreshes(engine, states, editor).run)
    control.operations.register(DRIFT, Drifts(engine, states, sources, planner, clock).run)
    schedule = DriftSchedule(database, control.operations, platform, sources, states, clock)
    reminding = ApprovalSchedule(database, control.operations, approvals, telling, clock)
    subjects = WaiverSubjects(sources, states, engine)
    asking = Waivers(authorise, audit, events, clock, nothing, subjects, WaiverSettings())
    return Scene(
        control, stacks, states, schedule, applications, world, home / "platform", policies, people, approvals,
        reminding, asking, WaiverSchedule(database, audit, events, WaiverSettings(), clock),
    )  # fmt: skip
