"""What a team takes of its limits, and what a plan would take. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

from roadbed.engine.holdings import Holding
from roadbed.quotas.domain import COST, MEASURES, Allowances, Limit, Line, Standing, User
from roadbed.quotas.sizes import Sizer, Sizes
from roadbed.sdk.policies import PlannedResource


@dataclass(frozen=True, slots=True)
class Ask:
    """How much more of a limit a plan asks for than its stack has. `most` is the resource that asks for most."""

    line: Line
    limit: Limit
    more: int
    most: PlannedResource | None

    @property
    def wanted(self) -> int:
        return self.line.used + self.more

    @property
    def refused(self) -> bool:
        return self.limit.most is not None and self.wanted > self.limit.most

    @property
    def share(self) -> float:
        """Of the limit, with what is asked for."""
        return self.wanted / self.limit.most if self.limit.most else float(self.refused)


@dataclass(frozen=True)
class Counting:
    """The limits of a team in an environment, and all the stacks that it has there."""

    team: str
    environment: str
    kind: str
    allowances: Allowances
    holdings: Sequence[Holding]
    sizer: Sizer = field(default_factory=Sizer)

    @property
    def measured(self) -> tuple[str, ...]:
        return MEASURES if self.sizer.pricer is None else (COST,)

    @cached_property
    def limits(self) -> list[Limit]:
        """Those of what is counted here: of what is taken, or of what is spent."""
        found = self.allowances.limits(self.team, self.environment, self.kind)
        return [limit for limit in found if (limit.of == COST) == (self.sizer.pricer is not None)]

    def standing(self) -> Standing:
        """Every limit, and what is used without one."""
        limited = {limit.of for limit in self.limits}
        lines = [self._line(limit.of, limit) for limit in self.limits]
        free = [self._line(of) for of in self.measured if of not in limited]
        shown = (*lines, *(line for line in free if line.used or (line.of == COST and line.unsaid)))
        return Standing(self.team, self.environment, self.kind, shown, self.allowances.ask)

    def asks(self, stack: str, after: Mapping[str, PlannedResource]) -> list[Ask]:
        """What it means for each limit if a stack is to hold this: limits of which it asks no more are left out."""
        more, grown = Counter[str](), list[tuple[PlannedResource, Counter[str]]]()
        for was, will in self.changed(stack, after):
            difference = Counter(self._of(will))
            difference.subtract(self._of(was))
            more.update(difference)
            if will is not None:
                grown.append((will, difference))
        return [
            Ask(self._line(limit.of, limit), limit, more[limit.of], _most(grown, limit.of))
            for limit in self.limits
            if more[limit.of] > 0
        ]

    def changed(
        self, stack: str, after: Mapping[str, PlannedResource]
    ) -> list[tuple[PlannedResource | None, PlannedResource | None]]:
        """What is not as it was: before and after, those that go first."""
        before = next((one.now for one in self.holdings if one.stack == stack), {})
        pairs = [(before.get(key), after.get(key)) for key in {**before, **after}]
        different = [pair for pair in pairs if not _same(*pair)]
        return sorted(different, key=lambda pair: pair[1] is not None)

    def _of(self, resource: PlannedResource | None) -> Counter[str]:
        return Counter() if resource is None else self.counted(resource).amounts

    def counted(self, resource: PlannedResource) -> Sizes:
        """What one resource takes, and of which patterns over types it is one."""
        found = self.sizer.sizes(resource)
        for limit in self.limits:
            if limit.counts_resources and fnmatchcase(resource.type, limit.of):
                found.amounts[limit.of] = 1
        return found

    @cached_property
    def takes(self) -> dict[str, Sizes]:
        """What each stack takes. Of a resource that is being changed right now the larger counts: what it was, or is to
        be. So what is being deleted is there until it is gone, and what is being made already counts.
        """
        return {holding.stack: self._taken(holding) for holding in self.holdings}

    def _taken(self, holding: Holding) -> Sizes:
        total = Sizes()
        for key in {**holding.now, **holding.coming}:
            there = [one for one in (holding.now.get(key), holding.coming.get(key)) if one is not None]
            sides = [self.counted(one) for one in there]
            total.amounts.update(sides[0].amounts | sides[-1].amounts)
            total.unsaid.update(sides[0].unsaid | sides[-1].unsaid)
        return total

    def _line(self, of: str, limit: Limit | None = None) -> Line:
        users = [User(stack, found.amounts[of]) for stack, found in self.takes.items() if found.amounts[of]]
        users.sort(key=lambda user: (-user.used, user.stack))
        unsaid = sum(found.unsaid[of] for found in self.takes.values())
        currency = self.sizer.pricer.sheet.currency if self.sizer.pricer else ""
        return Line(of, sum(user.used for user in users), limit, users, unsaid, currency)


def _same(was: PlannedResource | None, will: PlannedResource | None) -> bool:
    return was is not None and will is not None and (was.type, was.properties) == (will.type, will.properties)


def _most(grown: Sequence[tuple[PlannedResource, Counter[str]]], of: str) -> PlannedResource | None:
    return max(grown, key=lambda pair: (pair[1][of], pair[0].urn))[0] if grown else None
