"""Services and replicas as readers see them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from roadbed.runtimes.domain import ContainerView, Endpoint, Replica, ReplicaView, Service, ServiceView, health, shown
from roadbed.runtimes.driver import Usage

_INSTANCES = 1000
_SHORTEST_S = 0.5


class Meter:
    """Turns processor time into percent of a core: since the last look, which took place some time ago."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._before: dict[str, tuple[float, float, float | None]] = {}

    def percent(self, instance: str, usage: Usage) -> float | None:
        now = self._now()
        if len(self._before) > _INSTANCES:  # of those that ended long ago nobody asks any more
            self._before.clear()
        at, processor, last = self._before.get(instance, (now, usage.processor, None))
        if now - at < _SHORTEST_S:
            self._before.setdefault(instance, (now, usage.processor, None))
            return last
        percent = round(max(0.0, (usage.processor - processor) / (now - at) * 100), 1)
        self._before[instance] = (now, usage.processor, percent)
        return percent


def service_view(service: Service, replicas: Sequence[Replica], rolling: frozenset[str], now: datetime) -> ServiceView:
    generation = service.active if service.active is not None else service.target
    reasons = (_reason(replica, now) for replica in replicas if replica.generation == generation)
    ready = sum(replica.state == "ready" and replica.generation == generation for replica in replicas)
    return ServiceView(
        key=service.key,
        workload=service.workload,
        release=None if service.release is None else f"v{service.release}",
        health=health(service, replicas, now, rolling=service.key in rolling),
        ready=ready,
        desired=service.active_replicas if service.active is not None else service.replicas,
        reason=next(filter(None, reasons), None),
    )


def _reason(replica: Replica, now: datetime) -> str | None:
    """Why it is not well: of one that runs again, how it ended, until it has proved stable."""
    if replica.reason is None or replica.stable(now):
        return None
    again = replica.failures > 1 and replica.state in {"crashed", "starting", "ready"}
    return f"{replica.reason}, {replica.failures} times in a row" if again else replica.reason


def _address(endpoint: Endpoint | None) -> str | None:
    return f"{endpoint.host}:{endpoint.port}" if endpoint else None


def replica_view(
    replica: Replica,
    usage: Usage | None,
    cpu_percent: float | None,
    now: datetime,
    containers: tuple[ContainerView, ...] = (),
) -> ReplicaView:
    return ReplicaView(
        name=replica.name,
        workload=replica.key.partition("/")[2],
        state=shown(replica.state),
        release=None if replica.release is None else f"v{replica.release}",
        started_at=replica.started_at,
        restarts=replica.restarts,
        endpoint=_address(replica.endpoint),
        memory_mb=round(usage.memory / 1024**2, 1) if usage else None,
        cpu_percent=cpu_percent,
        reason=_reason(replica, now),
        own_ports=replica.own_ports,
        containers=containers,
    )
