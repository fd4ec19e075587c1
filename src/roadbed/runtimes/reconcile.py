"""From what a service should be and what it is to what to do next. Pure.

The controller calls it until it has no actions, and again at `wake_at` or when something has changed. Each answer is
safe by itself: after a crash anywhere between two, the next one goes on from what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from roadbed.runtimes.domain import Replica, Rollout, Service

CRASHES_ALLOWED = 3
"""A new replica that ended so often before it was ready fails its rollout."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=0.25), timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Start:
    """Make a replica of this generation."""

    generation: int


@dataclass(frozen=True, slots=True)
class Restart:
    """Start the next process of a replica that ended unasked."""

    replica: str


@dataclass(frozen=True, slots=True)
class Route:
    """Have the gateway route to these instances, and to no others."""

    instances: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stop:
    """End a replica for good: nothing is routed to it any more."""

    replica: str


@dataclass(frozen=True, slots=True)
class Succeed:
    """The rollout is through."""


@dataclass(frozen=True, slots=True)
class Fail:
    """Give the rollout up. `replica` is the one that shows why, None if none was even started."""

    reason: str
    replica: str | None


@dataclass(frozen=True, slots=True)
class Remove:
    """Nothing of a removed service is left: forget it."""


Action: TypeAlias = Start | Restart | Route | Stop | Succeed | Fail | Remove


@dataclass(frozen=True, slots=True)
class Decision:
    actions: tuple[Action, ...] = ()
    wake_at: datetime | None = None


def reconcile(
    service: Service, replicas: Sequence[Replica], rollout: Rollout | None, now: datetime, *, drain: timedelta
) -> Decision:
    """`replicas` are those that have not ended for good; `rollout` is the one that runs, if one does."""
    if rollout is not None and (failure := _failure(service, replicas, rollout, now)):
        return Decision((failure,))
    wanted = _wanted(service, replicas)
    serving = _serving(service, wanted)
    if service.listens and serving != service.routed:
        # Alone, and first: nothing is stopped on the strength of a routing that wasn't shown yet. But what is to
        # serve next must be started all the same, or nothing would ever become ready.
        actions, wakes = _maintain(service, replicas, wanted, now)
        return Decision((*actions, Route(serving)), _earliest(wakes))
    if rollout is not None and _complete(service, wanted):
        return Decision((Succeed(),))
    actions, wakes = _maintain(service, replicas, wanted, now)
    stops, drains = _stops(service, replicas, wanted, now, drain)
    if service.removed and not replicas:
        stops.append(Remove())
    deadline = [rollout.deadline] if rollout is not None else []
    return Decision((*actions, *stops), _earliest([*wakes, *drains, *deadline]))


def pause(failures: int) -> timedelta:
    """How long to wait before a replica that ended unasked so often in a row is started again."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(max(failures - 1, 0), 16)))


def _failure(service: Service, replicas: Sequence[Replica], rollout: Rollout, now: datetime) -> Fail | None:
    if service.removed:
        return Fail("the service was removed", None)
    new = [replica for replica in replicas if replica.generation == service.target]
    for replica in new:
        if replica.state == "crashed" and replica.failures >= CRASHES_ALLOWED:
            goes_on = ": a service goes on running, and this one ends without an error" if replica.code == 0 else ""
            return Fail(f"a new replica ended {replica.failures} times before it was ready{goes_on}", replica.id)
    if now < rollout.deadline or _complete(service, _wanted(service, replicas)):
        return None
    seconds = (rollout.deadline - rollout.started_at).total_seconds()
    late = [replica for replica in new if replica.state != "ready"]
    count = f"{len(late)} of {service.replicas} new replicas" if service.replicas > 1 else "the new replica"
    return Fail(f"{count} did not become ready within {seconds:g} s", late[0].id if late else None)


def _wanted(service: Service, replicas: Sequence[Replica]) -> list[Replica]:
    """Those to keep: of the target as many as asked; all of the active generation while another is on its way.

    But none that listens on a port of its own choice: the next one can't begin before it has ended.
    """
    if service.removed:
        return []
    staying = [replica for replica in replicas if replica.state != "stopping"]
    target = [replica for replica in staying if replica.generation == service.target]
    old = [replica for replica in staying if replica.generation == service.active]
    chosen = sorted(target, key=lambda replica: (replica.state != "ready", replica.created_at, replica.id))
    old = [] if service.active == service.target or _interrupts(service, replicas) else old
    return chosen[: service.replicas] + old


def _interrupts(service: Service, replicas: Sequence[Replica]) -> bool:
    """Whether one of another generation stands in the way of the target's."""
    return any(replica.own_ports and replica.generation != service.target for replica in replicas)


def _serving(service: Service, wanted: Sequence[Replica]) -> frozenset[str]:
    """The instances to route to: the new ones when all of them are ready, until then the old ones that are."""
    moved = service.active == service.target or _all_ready(service, wanted)
    generation = service.target if moved else service.active
    return frozenset(
        replica.instance for replica in wanted if replica.state == "ready" and replica.generation == generation
    )


def _all_ready(service: Service, wanted: Sequence[Replica]) -> bool:
    ready = sum(replica.state == "ready" and replica.generation == service.target for replica in wanted)
    return ready >= service.replicas


def _complete(service: Service, wanted: Sequence[Replica]) -> bool:
    routed = not service.listens or service.routed == _serving(service, wanted)
    return not service.removed and _all_ready(service, wanted) and routed


def _maintain(
    service: Service, replicas: Sequence[Replica], wanted: Sequence[Replica], now: datetime
) -> tuple[list[Action], list[datetime]]:
    """What to start, and when to look again for what must wait."""
    if _interrupts(service, replicas):
        return [], []
    actions: list[Action] = []
    wakes = []
    for replica in wanted:
        if replica.state == "crashed":
            at = replica.since + pause(replica.failures)
            if now >= at:
                actions.append(Restart(replica.id))
            else:
                wakes.append(at)
    if service.target is not None and not service.removed:
        there = sum(replica.generation == service.target for replica in wanted)
        actions += [Start(service.target)] * (service.replicas - there)
    return actions, wakes


def _stops(
    service: Service, replicas: Sequence[Replica], wanted: Sequence[Replica], now: datetime, drain: timedelta
) -> tuple[list[Action], list[datetime]]:
    kept = {replica.id for replica in wanted}
    actions: list[Action] = []
    wakes = []
    for replica in replicas:
        if replica.id in kept or replica.state == "stopping" or replica.instance in service.routed:
            continue
        drained = now if replica.unrouted_at is None else replica.unrouted_at + drain
        if now >= drained:
            actions.append(Stop(replica.id))
        else:
            wakes.append(drained)
    return actions, wakes


def _earliest(times: Iterable[datetime]) -> datetime | None:
    return min(times, default=None)
