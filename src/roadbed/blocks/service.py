"""The door to building blocks: trying and comparing what somebody hands in, publishing it, bringing it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from roadbed.audit.service import Audit
from roadbed.blocks.domain import BlockView, Case, Impact, Published, StackImpact
from roadbed.blocks.examples import Examples
from roadbed.blocks.impact import Impacts
from roadbed.delivery.replanning import Replanning
from roadbed.kit.access import PLATFORM, Authorise, Target, may
from roadbed.kit.clock import Clock
from roadbed.kit.errors import Conflict, InvalidInput, NotFound, Problem, Refused, RoadbedError
from roadbed.platform.blocks import is_for
from roadbed.platform.building_blocks import check_new
from roadbed.platform.domain import Environment
from roadbed.platform.drafts import Draft
from roadbed.platform.service import Platform
from roadbed.platform.snapshots import BlockFolder, Snapshot
from roadbed.platform.versions import BlockUse, BlockVersion, differences, ordered, raised_enough
from roadbed.storage.call import Call
from roadbed.workload.reader import nearest


class Blocks:
    """A block that is handed in is a `Snapshot`: the texts of its folder. Versions are written as `1.4.0`."""

    def __init__(
        self,
        authorise: Authorise,
        audit: Audit,
        clock: Clock,
        platform: Platform,
        replanning: Replanning,
        examples: Examples,
        impacts: Impacts,
    ) -> None:
        self._authorise, self._audit, self._clock = authorise, audit, clock
        self._platform, self._replanning = platform, replanning
        self._examples, self._impacts = examples, impacts
        self._blocks = platform.building_blocks

    async def catalog(self, call: Call) -> list[BlockView]:
        """Every block that was published, by name, without who uses it."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        uses = await self._blocks.in_use(call.session)
        versions: dict[str, list[BlockVersion]] = {}
        for one in await self._blocks.versions(call.session):
            versions.setdefault(one.name, []).append(one)
        return [
            BlockView(name, max(found, key=_number), found, [use for use in uses if use.name == name])
            for name, found in versions.items()
        ]

    async def block(self, call: Call, name: str) -> BlockView:
        """With those stacks that ask for it and that the caller may see. Raises NotFound with the nearest name."""
        views = {one.name: one for one in await self.catalog(call)}
        if name not in views:
            hint = nearest(name, views) or "see: roadbed platform versions"
            raise NotFound(f"no building block {name!r} was published", hint=hint)
        view = views[name]
        asking = [
            str(one.stack.name)
            for environment in {use.environment: None for use in view.uses}
            for one in await self._replanning.asking(call, environment, name)
            if may(self._authorise, call.principal, "stack.view", one.stack.target)
        ]
        files = (await self._blocks.files(call.session, name, view.newest.version)).files
        return replace(view, used_by=asking, docs=files.get(view.about["docs"] or "", ""))

    async def cases(self, call: Call, snapshot: Snapshot) -> list[Case]:
        """How the examples of a block go. Raises InvalidInput with all that is wrong in what it says of itself."""
        self._authorise(call.principal, "platform.manage", PLATFORM)
        return await self._examples.run(call, await self._blocks.draft(snapshot))

    async def impact(self, call: Call, snapshot: Snapshot, environments: Sequence[str] = ()) -> Impact:
        """What publishing a block would change: where it would be in use at once, or in the environments named.

        And whether it could be published.
        """
        self._authorise(call.principal, "platform.manage", PLATFORM)
        draft = await self._blocks.draft(snapshot)
        published = await self._blocks.versions(call.session, draft.name)
        where = await self._chosen(call, draft, environments)
        impact = await self._impact(call, draft.folder, draft, max(published, key=_number, default=None), where)
        try:
            check_new(draft, published)
            _refuse_failed(draft, await self._examples.run(call, draft))
            _refuse_break(draft, impact, published)
        except RoadbedError as error:
            return replace(impact, refused=error.problem)
        return impact

    async def publish(
        self,
        call: Call,
        snapshot: Snapshot,
        message: str = "",
        *,
        delete_data: bool = False,
        break_stacks: bool = False,
    ) -> Published:
        """Keeps a version for good, and has it used in every environment for development.

        Raises InvalidInput for one that goes back, breaks without a new first number, or whose examples are not as they
        are kept; Refused for one that would lose data, or by which a stack could not be planned any more, unless that
        was said.
        """
        self._authorise(call.principal, "platform.manage", PLATFORM)
        draft = await self._blocks.draft(snapshot)
        published = await self._blocks.versions(call.session, draft.name)
        check_new(draft, published)
        _refuse_failed(draft, await self._examples.run(call, draft))
        where = await self._chosen(call, draft, ())
        impact = await self._impact(call, draft.folder, draft, max(published, key=_number, default=None), where)
        _refuse_break(draft, impact, published)
        refuse_harm(impact, delete_data=delete_data, break_stacks=break_stacks)
        version = BlockVersion(
            draft.name, draft.version, snapshot.digest, draft.offers, message, self._clock.now(), str(call.principal)
        )
        await self._blocks.publish(call.session, draft, version)
        await self._used(call, draft.name, draft.version, snapshot.digest, where)
        return Published(impact, where)

    async def promotion(self, call: Call, name: str, environment: str, version: str | None = None) -> Impact:
        """What bringing a version to an environment would change: the newest one, if none is named."""
        self._authorise(call.principal, "platform.manage", PLATFORM)
        chosen = await self._version(call, name, version)
        await self._platform.environment(call, environment)
        if not any(is_for(offer, environment) for offer in chosen.offers):
            there = ", ".join(dict.fromkeys(pattern for offer in chosen.offers for pattern in offer["environments"]))
            message = f"{name} {chosen.version} is not offered in {environment}"
            raise InvalidInput(message, hint=f"it is for: {there}; {chosen.offers[0]['owner']} can help")
        uses = {
            use.version
            for use in await self._blocks.in_use(call.session)
            if (use.name, use.environment) == (name, environment)
        }
        before = await self._version(call, name, next(iter(uses))) if uses else None
        folder = await self._blocks.folder(call.session, name, chosen)
        impact = await self._impact(call, folder, chosen, before, (environment,))
        return replace(impact, refused=_there(chosen, environment)) if chosen.version in uses else impact

    async def promote(
        self,
        call: Call,
        name: str,
        environment: str,
        version: str | None = None,
        *,
        delete_data: bool = False,
        break_stacks: bool = False,
    ) -> Published:
        """Has a version used in an environment. Raises Conflict where it is already, and Refused as `publish`."""
        impact = await self.promotion(call, name, environment, version)
        if impact.refused is not None:
            raise Conflict(impact.refused.message, hint=impact.refused.hint)
        refuse_harm(impact, delete_data=delete_data, break_stacks=break_stacks)
        found = await self._blocks.version(call.session, name, impact.version)
        await self._used(call, name, impact.version, found.digest, (environment,))
        return Published(impact, (environment,))

    # Inside

    async def _version(self, call: Call, name: str, version: str | None) -> BlockVersion:
        if version is not None:
            return await self._blocks.version(call.session, name, version)
        found = await self._blocks.versions(call.session, name)
        return max(found, key=_number) if found else await self._blocks.version(call.session, name, "")

    async def _chosen(self, call: Call, draft: Draft, named: Sequence[str]) -> tuple[str, ...]:
        """The environments for development where it is offered, or those that are named."""
        known = {one.name: one for one in await self._platform.environments(call)}
        for name in named:
            await self._platform.environment(call, name)
        wanted = named or [name for name, one in known.items() if one.kind == "development"]
        return tuple(name for name in wanted if any(is_for(offer, name) for offer in draft.offers))

    async def _impact(
        self,
        call: Call,
        folder: BlockFolder,
        version: Draft | BlockVersion,
        before: BlockVersion | None,
        environments: Sequence[str],
    ) -> Impact:
        known: Sequence[Environment] = await self._platform.environments(call)
        different = differences(before.offers, version.offers, [one.name for one in known]) if before else []
        uses = {
            use.environment: use.version for use in await self._blocks.in_use(call.session) if use.name == version.name
        }
        using, stacks = 0, list[StackImpact]()
        for environment in environments:
            asking, changed = await self._impacts.of(call, folder, environment)
            using, stacks = using + asking, [*stacks, *changed]
        owner = next((offer["owner"] for offer in version.offers), None)
        at: Mapping[str, str | None] = {name: uses.get(name) for name in environments}
        return Impact(version.name, version.version, owner, at, different, using, stacks)

    async def _used(self, call: Call, name: str, version: str, digest: str, environments: Sequence[str]) -> None:
        """From now on, and noted once."""
        now, by = self._clock.now(), str(call.principal)
        for environment in environments:
            await self._blocks.use(call.session, BlockUse(name, environment, version, digest, now, by))
        detail = {"block": name, "version": version, "environments": list(environments)}
        await self._audit.record(call, "platform.manage", PLATFORM, detail=detail)


def _number(version: BlockVersion) -> tuple[int, ...]:
    return ordered(version.version)


def _there(version: BlockVersion, environment: str) -> Problem:
    message = f"{environment} uses {version.name} {version.version} already"
    return Problem(message, "see: roadbed platform versions")


def _refuse_failed(draft: Draft, cases: Sequence[Case]) -> None:
    wrong = [case for case in cases if case.state != "same"]
    if wrong:
        told = ", ".join(f"{case.example} ({case.state})" for case in wrong)
        message = f"{len(wrong)} of {len(cases)} examples of {draft.name} are not as they are kept: {told}"
        hint = f"see: roadbed platform test {draft.name}; what is meant so is kept with --update"
        raise InvalidInput(message, hint=hint, file=draft.file, line=draft.line)


def _refuse_break(draft: Draft, impact: Impact, published: Sequence[BlockVersion]) -> None:
    if not published:
        return
    newest = max(published, key=_number)
    if not raised_enough(newest.version, draft.version, impact.differences):
        told = "; ".join(one.message for one in impact.differences if one.level == "major")
        first = ordered(newest.version)
        needed = f"0.{first[1] + 1}.0" if first[0] == 0 else f"{first[0] + 1}.0.0"
        message = f"{draft.name} {draft.version} breaks what {newest.version} promised: {told}"
        raise InvalidInput(message, hint=f'publish it as version="{needed}"', file=draft.file, line=draft.line)


def refuse_harm(impact: Impact, *, delete_data: bool, break_stacks: bool) -> None:
    """Raises Refused where a stack could not be planned any more, or would lose what people have put into it."""
    if impact.breaks_stacks and not break_stacks:
        broken = [stack for stack in impact.stacks if stack.problems]
        first = broken[0]
        message = f"{_stacks(broken)} could not be planned any more with {impact.name} {impact.version}"
        why = f"{first.stack}: {first.problems[0]}"
        raise Refused(message, hint=f"{why}; if that is meant, until it is changed: --break-stacks")
    if impact.loses_data and not delete_data:
        _refuse_loss(impact)


def _refuse_loss(impact: Impact) -> None:
    losing = [stack for stack in impact.stacks if stack.loses_data]
    steps = [f"{step.action} {step.urn}" for stack in losing for step in stack.steps if step.loses_data]
    shown = ", ".join(steps[:_SHOWN]) + (f" and {len(steps) - _SHOWN} more" if len(steps) > _SHOWN else "")
    message = f"{impact.name} {impact.version} would delete data of {_stacks(losing)}: {shown}"
    raise Refused(message, hint="if that is meant: --delete-data")


def _stacks(impacts: Sequence[StackImpact]) -> str:
    return "1 stack" if len(impacts) == 1 else f"{len(impacts)} stacks"


_SHOWN = 5
