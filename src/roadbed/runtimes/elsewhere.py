"""Programs that listen on a port of their own choice, not on the one that they were given. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

ANY_FROM = 32_768
"""From here on kernels choose ports, for outgoing connections and for programs that ask for any port. Nobody's choice
stands there: the next replica gets another."""

DECLARED_AFTER_S, OTHER_AFTER_S = 0.5, 5.0
"""For how long it must listen there, and not on PORT, to be believed. A program may well open another port first."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`declared`: it is the one that its Score file names as `targetPort`."""

    port: int
    declared: bool

    @property
    def patience_s(self) -> float:
        return DECLARED_AFTER_S if self.declared else OTHER_AFTER_S


def find_elsewhere(listening: Collection[int], given: Collection[int], target: int | None) -> Elsewhere | None:
    """Where it listens instead of on the ports that it was `given`; None where that can't be told."""
    others = sorted(set(listening) - set(given))
    if target in others:
        return Elsewhere(target, declared=True)
    return Elsewhere(others[0], declared=False) if len(others) == 1 else None


def sentence(workload: str, listening: Collection[int], given: Collection[int]) -> str | None:
    """What is wrong, and what to do; None where it listens nowhere else."""
    others = sorted(set(listening) - set(given))
    if not others:
        return None
    return f"{workload} listens on {shown_ports(others)}, not on the port in PORT: have it read that variable"


def own_ports(listening: Collection[int], given: Collection[int]) -> tuple[int, ...]:
    """The ports of its own choice on which it listens, whatever it was `given`."""
    return tuple(sorted(port for port in set(listening) - set(given) if port < ANY_FROM))


def interruption(workload: str, ports: Collection[int]) -> str:
    """What an update of a workload does that listens on ports of its own choice."""
    return f"interrupts it: {workload} listens on {shown_ports(ports)}, so that the old replica ends first"


def shown_ports(ports: Collection[int]) -> str:
    """`8080`, `8080 and 9191`."""
    return " and ".join(map(str, sorted(ports)))
