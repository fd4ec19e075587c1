"""The rules of rolling updates, over every world that hypothesis thinks of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from roadbed.runtimes.domain import Replica, Rollout, Service
from roadbed.runtimes.reconcile import (
    Decision,
    Fail,
    Remove,
    Restart,
    Route,
    Start,
    Stop,
    Succeed,
    pause,
    reconcile,
)

DRAIN = timedelta(seconds=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
KEY = "orders@dev/web"


@dataclass
class World:
    """A service as the controller would keep it. Checks, at each change, what must always hold."""

    service: Service
    now: datetime = START
    replicas: dict[str, Replica] = field(default_factory=dict)
    rollout: Rollout | None = None
    outcomes: list[str] = field(default_factory=list)
    removed: bool = False
    broken: set[int] = field(default_factory=set)
    slow: set[int] = field(default_factory=set)
    fixed: bool = False
    """Its replicas listen on a port of their own choice."""

    def decide(self) -> Decision:
        if self.removed:
            return Decision()
        return reconcile(self.service, list(self.replicas.values()), self.rollout, self.now, drain=DRAIN)

    def declare(self, generation: int, count: int) -> None:
        self.service = replace(self.service, target=generation, replicas=count)
        deadline = self.now + timedelta(seconds=60)
        self.rollout = Rollout("ro_1", KEY, generation, count, None, self.now, deadline)

    def act(self) -> Decision:
        decision = self.decide()
        for action in decision.actions:
            self._act(action)
        return decision

    def _act(self, action: object) -> None:
        match action:
            case Start(generation):
                id_ = f"rep_{len(self.outcomes)}_{len(self.replicas)}_{self.now.timestamp()}_{id(action)}"
                while id_ in self.replicas:
                    id_ += "x"
                same = all(other.generation == generation for other in self.replicas.values())
                assert same or not self.fixed, "started before what holds the port has ended"
                new = Replica(id_, KEY, generation, None, "starting", 1, self.now, self.now)
                new = replace(new, own_ports=(9191,) if self.fixed else ())
                self.replicas[id_] = new
            case Restart(id_):
                assert self.replicas[id_].state == "crashed"
                self._change(id_, state="starting", attempt=self.replicas[id_].attempt + 1)
            case Route(instances):
                ready = {r.instance for r in self.replicas.values() if r.state == "ready"}
                assert instances <= ready, "routed to a replica that is not ready"
                for replica in self.replicas.values():
                    if replica.instance in self.service.routed - instances:
                        self._change(replica.id, unrouted_at=self.now)
                self.service = replace(self.service, routed=instances)
            case Stop(id_):
                replica = self.replicas[id_]
                assert replica.instance not in self.service.routed, "stopped a replica that is routed to"
                assert replica.unrouted_at is None or self.now >= replica.unrouted_at + DRAIN
                self._change(id_, state="stopping")
            case Succeed():
                self.service = replace(self.service, active=self.service.target, active_replicas=self.service.replicas)
                self.rollout = None
                self.outcomes.append("succeeded")
            case Fail():
                self.service = replace(self.service, target=self.service.active, replicas=self.service.active_replicas)
                self.rollout = None
                self.outcomes.append("failed")
            case Remove():
                assert not self.replicas
                self.removed = True

    def _change(self, id_: str, **changes: object) -> None:
        self.replicas[id_] = replace(self.replicas[id_], since=self.now, **changes)  # type: ignore[arg-type]

    def pass_time(self, seconds: float = 0.5) -> None:
        """Processes start (or crash, or never become ready) and end."""
        self.now += timedelta(seconds=seconds)
        for replica in list(self.replicas.values()):
            if replica.state == "stopping":
                del self.replicas[replica.id]
            elif replica.state == "starting" and replica.generation in self.broken:
                self._change(replica.id, state="crashed", failures=replica.failures + 1)
            elif replica.state == "starting" and replica.generation not in self.slow:
                self._change(replica.id, state="ready")

    def settle(self, rounds: int = 300) -> None:
        for _ in range(rounds):
            self.act()
            self.pass_time()

    def calm(self) -> None:
        """Acts until there is nothing to do at this moment."""
        for _ in range(50):
            if not self.act().actions:
                return
        raise AssertionError("it never comes to rest")


def world(*, fixed: bool = False, **fields: object) -> World:
    service = Service(KEY, None, None, None, 0, 0, None, frozenset(), False, True)
    return World(replace(service, **fields), fixed=fixed)  # type: ignore[arg-type]


def running(count: int, generation: int = 1, *, fixed: bool = False) -> World:
    there = world(fixed=fixed)
    there.declare(generation, count)
    there.settle(20)
    assert there.outcomes == ["succeeded"]
    assert len(there.service.routed) == count
    return there


@given(count=st.integers(0, 5), listens=st.booleans())
def test_a_first_deployment_converges(count: int, listens: bool) -> None:
    there = world(listens=listens)
    there.declare(1, count)
    there.settle(20)
    assert there.outcomes == ["succeeded"]
    assert len(there.replicas) == count
    assert len(there.service.routed) == (count if listens else 0)
    assert there.decide() == Decision()


@given(before=st.integers(1, 4), after=st.integers(1, 4), steps=st.lists(st.sampled_from([0.1, 0.5, 2.0]), max_size=8))
def test_an_update_never_serves_less_than_before_while_the_new_is_not_ready(
    before: int, after: int, steps: list[float]
) -> None:
    there = running(before)
    old = there.service.routed
    there.slow = {2}
    there.declare(2, after)
    for seconds in steps:
        there.calm()
        assert there.service.routed == old
        there.pass_time(seconds)
    there.slow = set()
    for _ in range(40):
        there.act()
        live = {r.instance for r in there.replicas.values() if r.state == "ready"}
        assert there.service.routed <= live
        assert len(there.service.routed) >= min(before, after)
        there.pass_time(0.3)
    assert there.outcomes == ["succeeded", "succeeded"]
    assert {replica.generation for replica in there.replicas.values()} == {2}
    assert len(there.replicas) == after


@given(count=st.integers(1, 4), how=st.sampled_from(["broken", "slow"]))
def test_a_failed_update_leaves_the_old_alone_and_is_not_tried_again(count: int, how: str) -> None:
    there = running(count)
    before = dict(there.replicas)
    getattr(there, how).add(2)
    there.declare(2, count)
    there.settle(400)
    assert there.outcomes == ["succeeded", "failed"]
    assert there.replicas == before
    assert there.service.routed == {replica.instance for replica in before.values()}
    assert there.decide() == Decision()


def test_a_failed_first_deployment_leaves_nothing_running() -> None:
    there = world()
    there.broken = {1}
    there.declare(1, 3)
    there.settle(50)
    assert there.outcomes == ["failed"]
    assert not there.replicas
    assert there.decide() == Decision()


@given(before=st.integers(0, 5), after=st.integers(0, 5))
def test_scaling_keeps_what_stays(before: int, after: int) -> None:
    there = running(before)
    kept = set(there.replicas)
    there.declare(1, after)
    there.settle(40)
    assert there.outcomes == ["succeeded", "succeeded"]
    assert len(there.replicas) == after == len(there.service.routed)
    assert len(kept & set(there.replicas)) == min(before, after)


@given(count=st.integers(1, 4), data=st.data())
def test_a_crash_is_unrouted_at_once_and_started_again(count: int, data: st.DataObject) -> None:
    there = running(count)
    victim = data.draw(st.sampled_from(sorted(there.replicas)))
    there._change(victim, state="crashed", failures=1)
    there.calm()
    assert there.replicas[victim].instance not in there.service.routed
    assert len(there.service.routed) == count - 1
    there.settle(10)
    assert there.replicas[victim].attempt == 2
    assert len(there.service.routed) == count


@given(how=st.sampled_from(["", "broken", "slow"]))
def test_one_on_a_fixed_port_ends_before_the_next_and_comes_back_when_that_fails(how: str) -> None:
    there = running(1, fixed=True)
    if how:
        getattr(there, how).add(2)
    there.declare(2, 1)
    there.calm()
    assert not there.service.routed
    there.settle(400)
    assert there.outcomes == ["succeeded", "failed" if how else "succeeded"]
    assert {replica.generation for replica in there.replicas.values()} == {1 if how else 2}
    assert len(there.service.routed) == 1


@settings(max_examples=200)
@given(
    data=st.data(),
    fixed=st.booleans(),
    script=st.lists(
        st.sampled_from(["declare", "scale", "crash", "unready", "recover", "time", "broken", "remove"]), max_size=25
    ),
)
def test_whatever_happens_it_comes_to_rest_and_ends_as_asked(
    data: st.DataObject, fixed: bool, script: list[str]
) -> None:
    there = world(fixed=fixed)
    generation = 0
    for event in script:
        if event == "declare" and not there.service.removed:
            generation += 1
            there.declare(generation, data.draw(st.integers(0, 3)))
        elif event == "scale" and there.service.target is not None and not there.service.removed:
            there.declare(there.service.target, data.draw(st.integers(0, 3)))
        elif event == "broken":
            there.broken.add(generation + 1)
        elif event == "time":
            there.pass_time(data.draw(st.sampled_from([0.1, 1.0, 70.0])))
        elif event == "remove":
            there.service = replace(there.service, removed=True)
        for replica in list(there.replicas.values()):
            if event == "crash" and replica.state in {"ready", "starting"} and data.draw(st.booleans()):
                there._change(replica.id, state="crashed", failures=replica.failures + 1)
            elif event == "unready" and replica.state == "ready" and data.draw(st.booleans()):
                there._change(replica.id, state="unready")
            elif event == "recover" and replica.state == "unready":
                there._change(replica.id, state="ready")
        there.calm()
    for replica in list(there.replicas.values()):
        if replica.state == "unready":
            there._change(replica.id, state="ready")
    there.settle(700)
    assert there.rollout is None
    last = there.service
    if last.removed:
        assert there.removed
        assert not there.replicas
        return
    assert {r.generation for r in there.replicas.values()} <= {last.active}
    if last.active not in there.broken:
        assert len(there.replicas) == last.replicas == len(last.routed)
        assert there.decide().actions == ()


@given(st.integers(0, 10_000))
def test_pauses_grow_and_stay_bounded(failures: int) -> None:
    assert timedelta(seconds=0.25) <= pause(failures) <= pause(failures + 1) <= timedelta(seconds=60)


def test_a_rollout_that_fails_says_what_it_waited_for() -> None:
    there = running(2)
    there.slow = {2}
    there.declare(2, 2)
    there.act()
    there.now += timedelta(seconds=60)
    (failure,) = there.decide().actions
    assert isinstance(failure, Fail)
    assert failure.reason == "2 of 2 new replicas did not become ready within 60 s"
    assert failure.replica in there.replicas


def test_it_wakes_for_pauses_drains_and_deadlines_only() -> None:
    there = running(1)
    assert there.decide() == Decision()
    there.slow = {2}
    there.declare(2, 1)
    there.act()
    assert there.decide() == Decision((), there.now + timedelta(seconds=60))
    there.slow = set()
    there.pass_time(1)
    assert [type(there.act().actions[0]) for _ in range(2)] == [Route, Succeed]
    assert there.decide() == Decision((), there.now + DRAIN)
