"""The door to quotas: how teams stand, and what a plan asks of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import lru_cache

from roadbed.engine.costing import not_known
from roadbed.engine.states import States
from roadbed.estimates.pricing import Pricer
from roadbed.estimates.service import Estimates
from roadbed.kit.access import Authorise, Target, may, require_somebody
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.kit.names import group_name, group_reference
from roadbed.platform.domain import KINDS, Environment
from roadbed.platform.service import Platform
from roadbed.quotas.counting import Counting
from roadbed.quotas.domain import COST, Allowances, Line, Standing
from roadbed.quotas.reader import Known, read_allowances
from roadbed.quotas.sizes import Sizer
from roadbed.storage.call import Call
from roadbed.workload.reader import nearest

_NOTHING = Allowances()


class Quotas:
    """`groups` are the references of all groups, `types` all resource types; `estimates` price what there is."""

    def __init__(
        self,
        authorise: Authorise,
        platform: Platform,
        states: States,
        groups: Callable[[Call], Awaitable[Collection[str]]],
        types: Collection[str],
        estimates: Estimates,
    ) -> None:
        self._authorise, self._platform, self._states = authorise, platform, states
        self._groups, self._types = groups, frozenset(types)
        self._read = lru_cache(maxsize=8)(read_allowances)
        self._estimates = estimates

    def of(self, platform: Platform, groups: Callable[[Call], Awaitable[Collection[str]]]) -> Quotas:
        """By the file of another platform repo, with its groups: one that is only looked at."""
        estimates = self._estimates.of(platform)
        return Quotas(self._authorise, platform, self._states, groups, self._types, estimates)

    async def allowances(self, call: Call) -> Allowances:
        """What `quotas.yaml` allows. Raises InvalidInput with everything that is wrong in it."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        text = await self._platform.quotas_file(call)
        if text is None:
            return _NOTHING
        environments = frozenset(await self._platform.kinds(call))
        return self._read(text, Known(await self._teams(call), environments, KINDS, self._types))

    async def _teams(self, call: Call) -> frozenset[str]:
        """Groups of the catalog, and those that own something: an application may be there before its team is."""
        owners = await self._states.owners(call)
        return frozenset({*await self._groups(call), *map(group_reference, owners)})

    async def counting(
        self,
        call: Call,
        allowances: Allowances,
        owner: str,
        environment: str,
        kind: str,
        pricer: Pricer | None = None,
    ) -> Counting:
        """All that a team has in an environment, with what limits it; with a `pricer`, what it spends."""
        team = group_reference(owner)
        self._authorise(call.principal, "quota.view", _target(team, environment, kind))
        holdings = await self._states.holdings(call, team, environment)
        sizer = Sizer(allowances.unsaid, self._estimates.estimators, pricer)
        return Counting(team, environment, kind, allowances, holdings, sizer)

    async def standings(
        self, call: Call, team: str | None = None, environment: str | None = None
    ) -> Sequence[Standing]:
        """How teams stand, by name, in each environment in the order of these: those that have something or may have
        only so much, as far as the caller may see them. Raises NotFound, with the nearest name, for one that is not
        there.
        """
        allowances = await self.allowances(call)
        found = [
            (await self.counting(call, allowances, one, where.name, where.kind)).standing()
            for one, where in await self._places(call, allowances, team, environment)
        ]
        return [one for one in found if one.lines or team is not None]

    async def budgets(self, call: Call, team: str | None = None, environment: str | None = None) -> Sequence[Standing]:
        """The same of what teams spend. Where there are no prices, each says so (`problem`), whatever it has."""
        allowances = await self.allowances(call)
        found = [
            await self._budget(call, allowances, one, where)
            for one, where in await self._places(call, allowances, team, environment)
        ]
        return [one for one in found if one.lines or one.problem or team is not None]

    async def _budget(self, call: Call, allowances: Allowances, team: str, where: Environment) -> Standing:
        try:
            pricer = await self.pricer(call, where.name)
        except (NotFound, InvalidInput) as error:
            limits = [one for one in allowances.limits(team, where.name, where.kind) if one.of == COST]
            lines = [Line(COST, 0, limit, known=False) for limit in limits]
            return Standing(team, where.name, where.kind, lines, allowances.ask, not_known(error).problem)
        return (await self.counting(call, allowances, team, where.name, where.kind, pricer)).standing()

    async def pricer(self, call: Call, environment: str) -> Pricer:
        """Raises NotFound while there is no price sheet, and InvalidInput for what is wrong in it."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        return await self._estimates.pricer(call, environment)

    async def _places(
        self, call: Call, allowances: Allowances, team: str | None, environment: str | None
    ) -> list[tuple[str, Environment]]:
        """Teams, each in its environments, as far as the caller may see them."""
        require_somebody(call.principal)
        environments = await self._environments(call, environment)
        teams = await self._wanted(call, allowances, team)
        places = [(one, where) for one in teams for where in environments]
        return [
            (one, where)
            for one, where in places
            if may(self._authorise, call.principal, "quota.view", _target(one, where.name, where.kind))
        ]

    async def _environments(self, call: Call, name: str | None) -> Sequence[Environment]:
        if name is not None:
            return [await self._platform.environment(call, name)]
        return await self._platform.environments(call)

    async def _wanted(self, call: Call, allowances: Allowances, team: str | None) -> list[str]:
        if team is None:
            owners = await self._states.owners(call)
            return sorted({*allowances.teams, *map(group_reference, owners)})
        reference = group_reference(team)
        known = await self._teams(call)
        if reference not in known:
            hint = nearest(group_name(reference), map(group_name, known))
            raise NotFound(f"there is no team {team!r}", hint=hint)
        return [reference]


def _target(team: str, environment: str, kind: str) -> Target:
    return Target("quota", team, team, environment, {"kind": kind})
