"""From what was seen of a replica to its new state. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from roadbed.runtimes.domain import Endpoint, Replica
from roadbed.runtimes.driver import Status

_SIGNALS = {137: "killed by SIGKILL", 139: "killed by SIGSEGV", 134: "killed by SIGABRT", 143: "ended by SIGTERM"}


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known of an instance now. `ready` is None while nobody has looked yet.

    `elsewhere`: where it listens instead of on PORT, if so. `own_ports`: all ports of its own choice on which it
    listens, None while nobody has looked.
    """

    ready: bool | None = None
    elsewhere: Endpoint | None = None
    own_ports: tuple[int, ...] | None = None
    alive: bool = True
    ended: Status | None = None


def observe(replica: Replica, seen: Observation, now: datetime) -> Replica:
    """The replica as it is after `seen`; the same one if that changes nothing."""
    if seen.ended is not None:
        return _ended(replica, seen.ended, now)
    if seen.own_ports is not None:
        replica = replace(replica, own_ports=seen.own_ports)
    match replica.state:
        case "starting" | "ready" | "unready" if not seen.alive:
            return replace(replica, state="failing", since=now, reason="its liveness probe failed")
        case "starting" if seen.ready:
            reason = replica.reason if replica.failures else None
            endpoint = seen.elsewhere or replica.endpoint
            return replace(replica, state="ready", since=now, reason=reason, endpoint=endpoint)
        case "unready" if seen.ready:
            return replace(replica, state="ready", since=now, reason=None)
        case "ready" if seen.ready is False:
            return replace(replica, state="unready", since=now, reason="its readiness probe failed")
        case _:
            return replica


def _ended(replica: Replica, status: Status, now: datetime) -> Replica:
    at = status.ended_at or now
    if replica.state == "stopping":
        return replace(replica, state="stopped", since=at, code=status.code, reason=status.reason)
    reason = replica.reason if replica.state == "failing" else why(status)
    failures = 1 if replica.stable(at) else replica.failures + 1
    return replace(replica, state="crashed", since=at, code=status.code, reason=reason, failures=failures)


def why(status: Status) -> str:
    """`out of memory`, `exit code 1`, `killed by SIGKILL`."""
    if status.reason and status.reason != "stopped":
        return status.reason
    code = status.code or 0
    return _SIGNALS.get(code, f"exit code {code}")
