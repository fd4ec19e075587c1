"""The variables that a replica is told when it starts, over what any file says of them. Pure.

The runtime sets them: see `port_variables` of the process runtime, and its keeper for the replica's own name.
"""

from __future__ import annotations

from collections.abc import Iterator

from roadbed.kit.errors import Problem
from roadbed.runtimes.workloads import port_variable
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.domain import Text, Workload

_OWN_PORT = "the port that it is given at its start"


def told_at_start(workload: Workload) -> dict[str, str]:
    """Each with what it says, in words."""
    ports = {port_variable(name): _OWN_PORT for name in workload.ports}
    routed = any(port.protocol == "TCP" for port in workload.ports.values())
    return {
        "HOME": "/tmp",  # noqa: S108 - inside the sandbox
        **ports,
        **({"PORT": _OWN_PORT} if routed else {}),
        "ROADBED_RELEASE": "the name of the release",
        "ROADBED_REPLICA": "its own name",
    }


def not_taken(source: ApplicationSource) -> Iterator[Problem]:
    """What is said of each variable that a file sets, and that its replicas are told otherwise."""
    for declared in source.workloads.values():
        workload = declared.workload
        told = told_at_start(workload)
        for container in workload.containers.values():
            yield from (
                _not_taken(name, text, told[name]) for name, text in container.variables.items() if name in told
            )
    everywhere = [told_at_start(declared.workload) for declared in source.workloads.values()]
    for name, text in source.variables.items():
        if said := next((told[name] for told in everywhere if name in told), None):
            yield _not_taken(name, text, said)


def _not_taken(name: str, text: Text, said: str) -> Problem:
    return text.place.problem(f"{name} is not taken from here: every replica is told {said}")
