"""What is limited, for whom, and how much of it there is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.kit.quantities import shown_bytes, shown_cores
from roadbed.workload.document import Place

Measure: TypeAlias = Literal["replicas", "cpu", "memory", "storage"]
"""Replicas of services; thousandths of a core; bytes of memory; bytes of storage."""

MEASURES: tuple[Measure, ...] = ("replicas", "cpu", "memory", "storage")
COST, MILLIONTHS = "cost", 1_000_000
"""What a budget limits: by the month, in millionths of the price sheet's currency."""

_SHOWN: Mapping[str, Callable[[int], str]] = {"cpu": shown_cores, "memory": shown_bytes, "storage": shown_bytes}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most this much. `of` is a measure, `cost`, or a pattern over resource types, whose resources are counted.

    `most` is None where an earlier limit is lifted.
    """

    of: str
    most: int | None
    place: Place

    @property
    def counts_resources(self) -> bool:
        return self.of not in (*MEASURES, COST)


Limits: TypeAlias = Mapping[str, Limit]
"""By what they are of."""


@dataclass(frozen=True, slots=True)
class Scoped:
    """What is allowed everywhere, by kind and by name of environment."""

    everywhere: Limits = field(default_factory=dict)
    kinds: Mapping[str, Limits] = field(default_factory=dict)
    environments: Mapping[str, Limits] = field(default_factory=dict)

    def sayings(self, environment: str, kind: str) -> Iterator[Limits]:
        """Those that hold there, the weakest first."""
        yield self.everywhere
        yield self.kinds.get(kind, {})
        yield self.environments.get(environment, {})


@dataclass(frozen=True, slots=True)
class Allowances:
    """`quotas.yaml`: what each team may have (`default`), and what some may (`teams`, by reference).

    `unsaid` is what a container counts as that says nothing of a measure, and a resource whose `cost` is not known;
    `ask` is who can raise a limit.
    """

    default: Scoped = field(default_factory=Scoped)
    teams: Mapping[str, Scoped] = field(default_factory=dict)
    unsaid: Mapping[str, int] = field(default_factory=dict)
    ask: str = ""

    def limits(self, team: str, environment: str, kind: str) -> list[Limit]:
        """Those of a team in an environment, measures first. What is said of the team goes before the default, and what
        is said of the environment before what is said of its kind.
        """
        found: dict[str, Limit] = {}
        for scoped in (self.default, self.teams.get(team, Scoped())):
            for limits in scoped.sayings(environment, kind):
                found |= limits
        return sorted((limit for limit in found.values() if limit.most is not None), key=_order)


def _order(limit: Limit) -> tuple[int, str]:
    known: tuple[str, ...] = MEASURES
    return (known.index(limit.of) if limit.of in known else len(known)), limit.of


@dataclass(frozen=True, slots=True)
class User:
    """A stack, and how much of a limit it takes."""

    stack: str
    used: int


@dataclass(frozen=True, slots=True)
class Line:
    """One limit of a team, or one measure without: `limit` is None then. `users` are its stacks, the largest first.

    `unsaid` counts what says nothing of it, or can't be priced, and is taken for nothing. `currency` is that of a cost.
    Where nothing could be counted (there are no prices) it isn't `known`.
    """

    of: str
    used: int
    limit: Limit | None = None
    users: Sequence[User] = ()
    unsaid: int = 0
    currency: str = ""
    known: bool = True

    @property
    def share(self) -> float | None:
        """Of the limit; over 1 where it is broken, and None where there is none, or nobody knows."""
        if self.limit is None or self.limit.most is None or not self.known:
            return None
        return self.used / self.limit.most if self.limit.most else float(self.used > 0)

    @property
    def name(self) -> str:
        """As people call it."""
        return "budget" if self.of == COST and self.limit else self.of

    @property
    def used_shown(self) -> str:
        """What is taken for nothing because nobody knows it is not shown as nothing."""
        if not self.unsaid and self.known:
            return self.shown(self.used)
        return f"at least {self.shown(self.used)}" if self.used else "not known"

    def shown(self, amount: int) -> str:
        return f"{amount / MILLIONTHS:,.2f} {self.currency}".rstrip() if self.of == COST else shown(self.of, amount)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a team stands in an environment. `ask` is who can raise a limit, empty where nobody says. `problem` says why
    nothing is known of what it spends.
    """

    team: str
    environment: str
    kind: str
    lines: Sequence[Line]
    ask: str = ""
    problem: str = ""


def shown(of: str, amount: int) -> str:
    """`7.5 GiB`, `2 cores`, `12`."""
    return _SHOWN.get(of, "{:,}".format)(amount)
