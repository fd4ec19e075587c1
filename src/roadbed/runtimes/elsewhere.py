"""Programs that listen on a port of their own choice, not on the one that they were given. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from roadbed.kit.errors import Problem
from roadbed.runtimes.workloads import Port, port_variable

ANY_FROM = 32_768
"""From here on kernels choose ports, for outgoing connections and for programs that ask for any port. Nobody's choice
stands there: the next replica gets another."""

DECLARED_AFTER_S, OTHER_AFTER_S = 0.5, 5.0
"""For how long it must listen there, and not on PORT, to be believed. A program may well open another port first."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`ports` are those at which its service ports are, by their names. `declared`: its Score file names all of them as
    `targetPort`.
    """

    ports: Mapping[str, int]
    declared: bool

    @property
    def patience_s(self) -> float:
        return DECLARED_AFTER_S if self.declared else OTHER_AFTER_S


def find_elsewhere(listening: Collection[int], given: Mapping[str, int], ports: Sequence[Port]) -> Elsewhere | None:
    """Where it listens instead of on what it was `given` for `ports`, by their names; None where that can't be told.

    Of several service ports only those are told apart that the Score file names.
    """
    others = sorted(set(listening) - set(given.values()))
    missed = [port for port in ports if given.get(port.name) not in listening]
    if declared := {port.name: port.target for port in missed if port.target is not None and port.target in others}:
        return Elsewhere(declared, declared=True)
    if len(ports) == len(missed) == len(others) == 1:
        return Elsewhere({ports[0].name: others[0]}, declared=False)
    return None


def sentence(workload: str, listening: Collection[int], given: Mapping[str, int], ports: Sequence[Port]) -> str | None:
    """What is wrong, and what to do; None where it listens nowhere else. PORT is the first of `ports`."""
    others = sorted(set(listening) - set(given.values()))
    missed = next((port for port in ports if given.get(port.name) not in listening), None)
    if not others or missed is None:
        return None
    variable = "PORT" if missed == ports[0] else port_variable(missed.name)
    return f"{workload} listens on {shown_ports(others)}, not on the port in {variable}: have it read that variable"


def own_ports(listening: Collection[int], given: Collection[int]) -> tuple[int, ...]:
    """The ports of its own choice on which it listens, whatever it was `given`."""
    return tuple(sorted(port for port in set(listening) - set(given) if port < ANY_FROM))


def interruption(workload: str, ports: Collection[int]) -> str:
    """What an update of a workload does that listens on ports of its own choice."""
    return f"interrupts it: {workload} listens on {shown_ports(ports)}, so that the old replica ends first"


def only_one(workload: str, ports: Collection[int]) -> Problem:
    """Why no second replica of it can run."""
    return Problem(
        f"{workload} listens on {shown_ports(ports)} whatever PORT says: only one replica can run on a machine",
        "have it read PORT, deploy that, and scale it then",
    )


def shown_ports(ports: Collection[int]) -> str:
    """`8080`, `8080 and 9191`."""
    return " and ".join(map(str, sorted(ports)))
