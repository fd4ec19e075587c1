"""A state machine of hypothesis: a stack that is edited, applied, met by every fault, crashed and taken up again.

The engine, its journal and its state are the real ones, in PostgreSQL; the world is the faulty provider's, outside of
it. However it went: once the faults are over and the last accepted declaration was applied once more, world, state and
declaration agree, nothing is there twice, and nothing is left behind.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from fakes.access import OWNER
from fakes.watching import Silent
from integration.engine.bench import make_engine
from roadbed.engine.domain import Plan, Recorded, Step
from roadbed.engine.errors import ApplyFailed
from roadbed.engine.service import PlanRequest, StackInfo
from roadbed.kit.errors import InvalidInput, RoadbedError
from roadbed.kit.names import StackName
from roadbed.sdk.testing.faults import KEY, LIES, Action, Crash, Fault, FaultyProvider, Thing, World, key_of
from roadbed.storage.database import Database
from unit.engine.random_stacks import NAMES, Program, Wishes, edits, orders, stacks

T = TypeVar("T")

OUTPUTS = ("id", "value", "key", "stable")
TIMEOUT_S = 0.05
ROUNDS = 6
"""How often a stack is applied at most until it is as declared: more than a fault of each step would need."""

FAULTS: tuple[Fault, ...] = (
    "error",
    "transient",
    "bug",
    "hang",
    "lost",
    "lost_error",
    "hang_after",
    "crash_before",
    "crash_after",
    *LIES,
)
ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "settle")


MEDDLING = ("change", "move", "remove")


class Cancelled(RoadbedError):
    """Somebody cancelled the operation."""


class CountingWorld(World):
    """Counts the faults that are met."""

    def __init__(self, met: Counter[str]) -> None:
        super().__init__(Path(":memory:"))
        self.met = met

    def take_fault(self, name: str, action: str) -> Fault | None:
        fault = super().take_fault(name, action)
        if fault is not None:
            self.met[fault] += 1
        return fault


@dataclass
class Watching(Silent):
    """After `kill_after` events the apply's task is cancelled on the spot, as by the death of its worker."""

    kill_after: int | None = None
    cancelled: bool = False
    task: asyncio.Task[Any] | None = None
    events: int = 0

    def began(self, step: Step) -> None:
        self._event()

    def ended(self, step: Step, error: RoadbedError | None) -> None:
        self._event()

    async def check_cancelled(self) -> None:
        if self.cancelled:
            raise Cancelled("somebody cancelled it")

    def _event(self) -> None:
        self.events += 1
        if self.events == self.kill_after and self.task is not None:
            self.task.cancel()


class Stage:
    """What the examples of a run share: one database, one engine, one loop. `met` counts what they met."""

    def __init__(self, database: Database, loop: asyncio.AbstractEventLoop) -> None:
        self.met: Counter[str] = Counter()
        self._database, self._loop = database, loop
        self._provider = FaultyProvider(CountingWorld(self.met))
        self._stacks = 0
        self._engine = make_engine(database, self._provider)

    @property
    def world(self) -> World:
        return self._provider.world

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def next_stack(self) -> StackInfo:
        """An empty stack in an empty world."""
        self._stacks += 1
        self.world.close()
        self._provider.world = CountingWorld(self.met)
        return StackInfo(StackName.parse(f"s{self._stacks}@dev"), "group:default/shops", "development")

    async def plan(self, info: StackInfo, document: Mapping[str, Any], *, refresh: bool, **asked: Any) -> Plan:
        observed = await self._engine.observe(OWNER, info) if refresh else {}
        async with self._database.call(OWNER) as call:
            request = PlanRequest(info, document, refresh=refresh, **asked)
            return await self._engine.plan(call, request, observed)

    async def apply(self, info: StackInfo, number: int, watching: Watching) -> None:
        watching.task = asyncio.create_task(self._engine.apply(OWNER, info, number, watching))
        await watching.task

    async def rows(self, info: StackInfo) -> Mapping[str, Recorded]:
        async with self._database.call(OWNER) as call:
            return await self._engine.resources(call, info)


@dataclass(frozen=True)
class Trouble:
    """What goes wrong while a plan is applied. `kill_after`: the events after which its task is cancelled.

    `cancelled`: somebody wishes an end from the first; `cancelled_dead`: while nobody works on it, after a death.
    """

    faults: tuple[tuple[str, Action, Fault], ...] = ()
    kill_after: int | None = None
    cancelled: bool = False
    cancelled_dead: bool = False


troubles = st.builds(
    Trouble,
    faults=st.lists(
        st.tuples(st.sampled_from(("*", *NAMES)), st.sampled_from(ACTIONS), st.sampled_from(FAULTS)), max_size=3
    ).map(tuple),
    kill_after=st.one_of(st.none(), st.none(), st.integers(1, 8)),
    cancelled=st.sampled_from((False,) * 9 + (True,)),
    cancelled_dead=st.sampled_from((False,) * 3 + (True,)),
)

NO_TROUBLE = Trouble()


class Machine(RuleBasedStateMachine):
    """`program` is what the last accepted declaration says; `retained` are the tokens of what was left on purpose."""

    stage: ClassVar[Stage]
    program: Program

    @initialize(wishes=stacks, ranks=orders, trouble=troubles)
    def declare(self, wishes: Wishes, ranks: Sequence[str], trouble: Trouble) -> None:
        self.begin(wishes, ranks, trouble)

    @rule(data=st.data(), trouble=troubles)
    def edit(self, data: st.DataObject, trouble: Trouble) -> None:
        ranks = data.draw(st.one_of(st.just(self.program.ranks), orders))
        self._declare(data.draw(edits(self.program.wishes)), ranks)
        self._apply(trouble)

    @rule(data=st.data(), trouble=troubles)
    def edit_and_apply_a_part(self, data: st.DataObject, trouble: Trouble) -> None:
        before = self._urns(self.program.wishes)
        self._declare(data.draw(edits(self.program.wishes)))
        known = sorted({*before, *self._urns(self.program.wishes)})
        targets = data.draw(st.sets(st.sampled_from(known), min_size=1)) if known else set[str]()
        self._apply(trouble, targets=tuple(sorted(targets)), target_dependents=data.draw(st.booleans()))

    @precondition(lambda self: self.program.wishes)
    @rule(data=st.data(), trouble=troubles)
    def replace(self, data: st.DataObject, trouble: Trouble) -> None:
        chosen = data.draw(st.sets(st.sampled_from(sorted(self.program.wishes)), min_size=1))
        self._apply(trouble, replace=self._urns(chosen))

    @rule(trouble=troubles)
    def destroy(self, trouble: Trouble) -> None:
        self._declare({})
        self._apply(trouble, destroy=True)

    @rule(meddling=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(MEDDLING), min_size=1), trouble=troubles)
    def somebody_meddles(self, meddling: Mapping[str, str], trouble: Trouble) -> None:
        """Behind the platform's back things change and go; a refresh sees it."""
        world = self.stage.world
        for thing in world.things.values():
            match meddling.get(thing.id.partition("-")[0]):
                case "change":
                    world.change(thing.id, value={"n": 9, "of": []})
                case "move":
                    world.change(thing.id, place="elsewhere")
                case "remove":
                    world.remove(thing.id)
        self._apply(trouble, refresh=True)

    @rule()
    def settle(self) -> None:
        """The faults are over: applied until nothing is to be done, everything is as declared."""
        self.stage.world.heal()
        for _ in range(ROUNDS):
            plan = self._plan(refresh=True)
            if plan.empty:
                break
            self._try(plan, NO_TROUBLE)
        assert plan.empty, f"there is always more to do: {plan.changing or plan.rewrites}"
        assert self._plan().empty
        self._check()
        self.stage.met["settled"] += 1

    def teardown(self) -> None:
        if hasattr(self, "program"):
            self.settle()

    # What the rules do, and what tests say that tell of one thing that the machine found.

    def begin(self, wishes: Wishes, ranks: Sequence[str] = NAMES, trouble: Trouble = NO_TROUBLE) -> None:
        self.info = self.stage.next_stack()
        self.retained: set[str] = set()
        self._declare(wishes, ranks)
        self._apply(trouble)

    def change(self, wishes: Wishes, trouble: Trouble = NO_TROUBLE) -> None:
        self._declare(wishes)
        self._apply(trouble)

    def replace_all(self, trouble: Trouble = NO_TROUBLE) -> None:
        self._apply(trouble, replace=self._urns(self.program.wishes))

    def _declare(self, wishes: Wishes, ranks: Sequence[str] | None = None) -> None:
        timeouts = dict.fromkeys(("create", "update", "delete"), TIMEOUT_S)
        order = self.program.ranks if ranks is None else ranks
        self.program = Program(wishes, order, str(self.info.name), OUTPUTS, timeouts)

    def _urns(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.program.urn(name) for name in sorted(names))

    def _apply(self, trouble: Trouble, **asked: Any) -> None:
        try:
            plan = self._plan(**asked)
        except InvalidInput:
            self.stage.met["a plan that was refused"] += 1
            return
        for name, action, fault in trouble.faults:
            self.stage.world.fail(name, fault, action=action)
        self._try(plan, trouble)

    def _plan(self, *, refresh: bool = False, **asked: Any) -> Plan:
        return self.stage.run(self.stage.plan(self.info, self.program.document, refresh=refresh, **asked))

    def _try(self, plan: Plan, trouble: Trouble) -> None:
        """Applies a plan, and takes it up as often as it is cut off."""
        retained = self._retained(plan)
        self.retained |= retained
        before = len(self.stage.world.effects)
        while self._is_cut_off(plan.number, trouble):
            trouble = Trouble(cancelled=trouble.cancelled_dead)  # and the faults that nobody has met
        effects = self.stage.world.effects[before:]
        twice = {
            urn: n for urn, n in Counter(effect.urn for effect in effects if effect.do == "create").items() if n > 1
        }
        assert not twice, f"one plan made them more than once: {twice}"
        assert not retained & {effect.token for effect in effects if effect.do == "delete"}, "deleted what was retained"

    def _is_cut_off(self, number: int, trouble: Trouble) -> bool:
        try:
            self.stage.run(self.stage.apply(self.info, number, Watching(trouble.kill_after, trouble.cancelled)))
        except ApplyFailed:
            self.stage.met["an apply that failed"] += 1
        except Cancelled:
            self.stage.met["an apply that was cancelled"] += 1
        except (Crash, asyncio.CancelledError) as death:
            self.stage.met["a death by crash" if isinstance(death, Crash) else "a death by kill"] += 1
            return True
        return False

    def _retained(self, plan: Plan) -> set[str]:
        """The tokens of what the plan leaves in the world on purpose."""
        rows = self._rows()
        steps = [step for step in plan.steps if step.action in ("retain", "replace") and step.options.retain_on_delete]
        keys = [step.moved_from or step.key for step in steps]
        return {rows[key].token for key in keys if key in rows}

    def _rows(self) -> Mapping[str, Recorded]:
        return self.stage.run(self.stage.rows(self.info))

    # What must hold.

    def _check(self) -> None:
        rows, things = self._rows(), self.stage.world.things
        assert {row.key for row in rows.values()} == set(self._urns(self.program.wishes))
        assert not [row.urn for row in rows.values() if row.broken]
        ids = {row.urn: row.id for row in rows.values()}
        assert len(set(ids.values())) == len(ids), "two rows are of one thing"
        others = [thing for thing in things.values() if thing.id not in ids.values()]
        assert {thing.token for thing in others} <= self.retained, f"left behind: {others}"
        mine = {name: things[ids[self.program.urn(name)]] for name in self.program.wishes}
        for name, thing in mine.items():
            row = rows[self.program.urn(name)]
            assert (thing.type, thing.token) == (row.type, row.token)
            assert row.outputs == _plain(thing)
            assert thing.properties == self._wanted(name, mine)

    def _wanted(self, name: str, things: Mapping[str, Thing]) -> dict[str, Any]:
        """The properties that are declared, with what is there at the paths that are ignored."""
        wish, there = self.program.wishes[name], things[name].properties
        used = [_output(things[other], self.program.output(other)) for other in self.program.used(name, "value")]
        places = [things[other].id for other in self.program.used(name, "place")]
        wanted: dict[str, Any] = {
            "value": {"n": wish.value, "of": used},
            "place": "".join([f"p{wish.place}", *places]),
        }
        match wish.ignore_changes:
            case ("*",):
                return dict(there)
            case ("value.n",):
                return {**wanted, "value": {**wanted["value"], "n": there["value"]["n"]}}
            case (property,):
                return {**wanted, property: there[property]}
        return wanted


def _output(thing: Thing, name: str) -> Any:
    return {**_plain(thing), "key": key_of(thing)}[name]


def _plain(thing: Thing) -> dict[str, Any]:
    """The outputs that are no secrets: a value that was given one is none of them."""
    value = thing.properties["value"]
    shown = None if any(mark in json.dumps(value) for mark in ("$secret", KEY)) else value
    return {"id": thing.id, "value": shown, "stable": f"stable-{thing.id}"}
