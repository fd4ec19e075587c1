"""How the effects of a plan run: each when all that it waits for has succeeded, as many at a time as providers bear.

An effect goes through a pipeline: its intent is committed, it is prepared, it is performed once a slot of its provider
is free, its outcome is committed. What an outcome makes ready has its intent in the same commit. Where an effect can't
be found again after a crash (`may_run_twice`) the intent is committed in the slot, so that an intent without an outcome
is nearly always one that ran.

A replacement that has deleted its old resource is never left there: its creation goes before all that waits, and is
done also when somebody cancelled meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import msgspec

from roadbed.engine.applying.journal import Journal
from roadbed.engine.applying.rows import Entry, Event, Rows
from roadbed.engine.applying.slots import NotBegun, Place, Slots
from roadbed.engine.domain import Step
from roadbed.engine.planning.frontier import Frontier
from roadbed.engine.planning.schedule import Effect
from roadbed.kit.errors import RoadbedError
from roadbed.kit.text import storable_value

PREPARED = 2
"""Effects under way to one slot of their provider: one that runs, and one that is ready to."""
BREATH_S = 0.01
"""How long effects that never wait for anything may keep the loop to themselves."""
TICK_S = 0.1
CANCEL_PATIENCE_S = 60.0
"""How long what runs may go on once somebody cancelled; then it is cut off."""


class Watcher(Protocol):
    """Who follows an apply. `began`, `ended` and `said` are called often and must be cheap; `flush` may write."""

    def began(self, step: Step) -> None: ...
    def ended(self, step: Step, error: RoadbedError | None) -> None: ...
    def said(self, step: Step, text: str) -> None: ...
    async def flush(self) -> None:
        """Called every 100 ms, and at the end."""
        ...

    async def check_cancelled(self) -> None:
        """Raises when no further effect may begin."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an effect, and the rows of the state that change with it."""

    rows: Rows = field(default_factory=dict)
    error: RoadbedError | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """An effect under way. Its calls of a provider are made at `place`."""

    effect: Effect
    step: Step
    place: Place


Perform = Callable[[Work], Awaitable[Outcome]]


@dataclass(slots=True)
class _Lane:
    """To one provider: what waits to be prepared, and how much more may be."""

    slots: Slots
    free: int
    waiting: deque[Effect] = field(default_factory=deque)


class Runner:
    """Runs effects once. `bound` says which provider an effect is for and how many of its calls may run at a time;
    `cut_off` ends those that run. What became of them stands in `frontier`.
    """

    def __init__(
        self,
        frontier: Frontier,
        perform: Perform,
        journal: Journal,
        watcher: Watcher,
        bound: Callable[[Effect], tuple[str, int]],
        cut_off: Callable[[], None],
    ) -> None:
        self._frontier, self._perform, self._journal, self._watcher = frontier, perform, journal, watcher
        self._bound, self._cut_off = bound, cut_off
        self._begun: set[str] = set()
        self.begun: set[str] = set()
        """Effects that were begun here, whatever became of them."""
        self._unsaid: dict[str, tuple[Effect, Step]] = {}
        self._lanes: dict[str, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = 0
        self._stopped: Exception | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Returns when every effect has ended or was left out. Raises what stopped it."""
        try:
            await self._check_cancelled()
            self._spawn(self._journal.run())
            self._spawn(self._tick())
            self._begin_all(self._frontier.first())
            self._end_if_idle()
            await self._ended
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._watcher.flush()
        if self._stopped is not None:
            raise self._stopped

    @property
    def stopped(self) -> Exception | None:
        """Why nothing more was to begin. If `run` raises just this, what had begun has ended, and is committed."""
        return self._stopped

    # Running.

    def _begin_all(self, ready: Iterable[Effect]) -> None:
        for effect in ready:
            if effect.step is not None and self._may_begin(effect.step):
                self._begin(effect, effect.step)

    def _may_begin(self, step: Step) -> bool:
        return self._stopped is None or self._presses(step)

    def _presses(self, step: Step) -> bool:
        """What it replaces is gone already."""
        return step.interrupting and step.key in self._begun

    def _begin(self, effect: Effect, step: Step) -> None:
        self._open += 1
        if _only_in_its_slot(effect, step):
            self._enqueue(effect)
        else:
            self._put(effect, step, "intent", partial(self._enqueue, effect))

    def _put(
        self,
        effect: Effect,
        step: Step,
        event: Event,
        committed: Callable[[], None],
        outcome: Outcome | None = None,
    ) -> None:
        error = rows = None
        if outcome is not None:
            rows = outcome.rows
            error = _json(outcome.error) if outcome.error else None
        self._journal.put(Entry(effect.key, step.urn, step.deposed, effect.do, event, error, rows), committed)

    def _enqueue(self, effect: Effect) -> None:
        """Workers take what waits, one after the other, and end when nothing does."""
        assert effect.step is not None  # noqa: S101 - barriers are never begun
        if not self._may_begin(effect.step):
            self._close()
            return
        name, limit = self._bound(effect)
        if (lane := self._lanes.get(name)) is None:
            lane = self._lanes[name] = _Lane(Slots(limit), limit * PREPARED)
        if self._presses(effect.step):
            lane.waiting.appendleft(effect)
        else:
            lane.waiting.append(effect)
        if lane.free:
            lane.free -= 1
            self._spawn(self._work(lane))

    async def _work(self, lane: _Lane) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while lane.waiting:
            effect: Effect | None = lane.waiting.popleft()
            while effect is not None:
                effect = await self._run(effect, lane.slots)
            if loop.time() - began > BREATH_S:
                await asyncio.sleep(0)
                began = loop.time()
        lane.free += 1

    async def _run(self, effect: Effect, slots: Slots) -> Effect | None:
        """What must come right after it, by whoever ran it."""
        step = effect.step
        assert step is not None  # noqa: S101 - barriers are never begun
        place = Place(slots, partial(self._in_its_slot, effect, step), pressing=self._presses(step))
        try:
            outcome = await self._perform(Work(effect, step, place))
        except NotBegun:
            self._close()
            return None
        self._tell_begun(step)
        return await self._record(effect, step, outcome)

    async def _in_its_slot(self, effect: Effect, step: Step) -> None:
        if not self._may_begin(step):
            raise NotBegun
        self.begun.add(effect.key)
        if _only_in_its_slot(effect, step):
            await self._commit_intent(effect, step)
        self._unsaid[effect.key] = (effect, step)
        self._tell_begun(step)

    def _say_what_runs(self) -> None:
        """To those who follow the journal: what ends before they could see it run is not worth a line."""
        for effect, step in self._unsaid.values():
            self._put(effect, step, "began", _nothing)
        self._unsaid.clear()

    def _tell_begun(self, step: Step) -> None:
        if step.key not in self._begun:
            self._begun.add(step.key)
            self._watcher.began(step)

    async def _record(self, effect: Effect, step: Step, outcome: Outcome) -> Effect | None:
        """Outcome and the intents of what it makes ready go into one commit; progress is told of what is decided.

        The other half of a replacement is not left to the lane: who deleted what was there puts something in its place.
        """
        self._unsaid.pop(effect.key, None)
        self._put(effect, step, "failed" if outcome.error else "succeeded", self._close, outcome)
        if outcome.error is not None:
            self._frontier.failed(effect, outcome.error)
            self._watcher.ended(step, outcome.error)
            return None
        ready = self._frontier.succeeded(effect)
        if step.key in self._frontier.finished:
            self._watcher.ended(step, None)
        half = next((one for one in ready if one.step is step and step.interrupting), None)
        self._begin_all(one for one in ready if one is not half)
        if half is not None:
            self._open += 1
            if not _only_in_its_slot(half, step):
                await self._commit_intent(half, step)
        return half

    async def _commit_intent(self, effect: Effect, step: Step) -> None:
        committed = asyncio.Event()
        self._put(effect, step, "intent", committed.set)
        await committed.wait()

    # Ending.

    def _close(self) -> None:
        self._open -= 1
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        """When nothing is under way, nothing can become ready."""
        if not self._open and not self._ended.done():
            self._ended.set_result(None)

    def _stop(self, reason: Exception) -> None:
        """Nothing new begins; what runs ends, or is cut off in a while, and its outcome is committed."""
        if self._stopped is None:
            self._stopped = reason
            asyncio.get_running_loop().call_later(CANCEL_PATIENCE_S, self._cut_off)
            for lane in self._lanes.values():
                pressing = [effect for effect in lane.waiting if effect.step and self._presses(effect.step)]
                self._open -= len(lane.waiting) - len(pressing)
                lane.waiting = deque(pressing)
                lane.slots.send_away()
            self._end_if_idle()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._say_what_runs()
            await self._watcher.flush()
            await self._check_cancelled()

    async def _check_cancelled(self) -> None:
        try:
            await self._watcher.check_cancelled()
        except Exception as cancelled:
            self._stop(cancelled)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        """What no effect may raise ends the run on the spot, like a crash."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self._ended.done():
            self._ended.set_exception(error)


def _only_in_its_slot(effect: Effect, step: Step) -> bool:
    """Whether its intent is committed there, and no sooner."""
    return step.may_run_twice and effect.do == "create"


def _json(error: RoadbedError) -> str:
    return msgspec.json.encode(storable_value(error.to_dict())).decode()


def _nothing() -> None: ...
