"""The door to the policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roadbed.kit.access import Authorise, Target
from roadbed.platform.domain import KINDS
from roadbed.platform.packs import BUILT_IN
from roadbed.platform.repo import POLICIES_FILE
from roadbed.platform.service import Platform
from roadbed.policy.book import Book, read_policies, with_built_in
from roadbed.policy.builtin import PACK, BuiltIn
from roadbed.policy.configuration import plain_configuration, read_configuration
from roadbed.policy.domain import (
    Case,
    Effective,
    JudgedStep,
    Judgement,
    Place,
    PolicyInfo,
    Rewritten,
    Verdict,
    approvals_of,
)
from roadbed.policy.views import PolicyList, PolicyView, policy_list, policy_view
from roadbed.sdk.policies import PlannedResource
from roadbed.storage.call import Call

_VERSION = 1


class Policies:
    def __init__(self, authorise: Authorise, platform: Platform, built_in: Sequence[BuiltIn] = ()) -> None:
        self._authorise, self._platform, self._built_in = authorise, platform, built_in

    async def judge(self, call: Call, case: Case) -> Judgement:
        """Lets the policies that are on judge a case: those of packs in the sandbox, then the built-in ones.

        Raises InvalidInput for a configuration or descriptor that can't be read: nothing is judged by half.
        """
        self._authorise(call.principal, "policy.view", Target("policy"))
        book = await self.book(call)
        context = case.context
        on = book.on(context.environment, context.kind)
        found = [*book.unloaded_verdicts()]
        if asked := {name: pair for name, pair in on.items() if pair[0].pack != BUILT_IN}:
            answer = await self._platform.ask_policies(call, "judge", _request(case, asked), book.packs_on())
            if answer["changes"]:
                rewritten = tuple(Rewritten(**change) for change in answer["changes"])
                return Judgement(rewritten=rewritten, properties=answer["properties"])
            found += _verdicts(case, answer["verdicts"], asked)
        return Judgement((*found, *await self._judge_built_in(call, case, on)))

    async def judge_again(self, call: Call, case: Case) -> Sequence[Verdict]:
        """What the built-in policies say by now: what other stacks hold may have changed since a plan was made."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        if not self._built_in:
            return ()
        context = case.context
        on = (await self.book(call)).on(context.environment, context.kind)
        return await self._judge_built_in(call, case, on)

    async def _judge_built_in(
        self, call: Call, case: Case, on: Mapping[str, tuple[PolicyInfo, Effective]]
    ) -> Sequence[Verdict]:
        asked = [(one, on[one.info.name][1]) for one in self._built_in if one.info.name in on]
        return [verdict for one, meant in asked for verdict in await one.judge(call, case, meant)]

    async def book(self, call: Call) -> Book:
        """All policies, and how they are meant. Raises InvalidInput for what can't be read of their configuration."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        hosted = await self._platform.packs(call)
        request = {"version": _VERSION, "kind": "policies"}
        policies, unloaded = read_policies(await self._platform.ask_policies(call, "policies", request, hosted))
        policies, unloaded = with_built_in(policies, unloaded, [one.info for one in self._built_in])
        packs = [*hosted, PACK] if self._built_in else hosted
        text = await self._platform.policies_file(call)
        in_repo = [pack.name for pack in hosted if pack.installed is None]
        if text is None:
            return Book(packs, policies, plain_configuration(in_repo), unloaded)
        configuration = read_configuration(
            text,
            file=POLICIES_FILE,
            policies=policies,
            packs=[pack.name for pack in packs],
            in_repo=in_repo,
            environments=await self._platform.kinds(call),
            kinds=KINDS,
            complete=not unloaded,
        )
        return Book(packs, policies, configuration, unloaded)

    async def policies(self, call: Call) -> PolicyList:
        """Every policy, those that are on first, and how each is meant in the environments that the caller may see."""
        book = await self.book(call)
        return policy_list(book, await self._platform.environments(call))

    async def policy(self, call: Call, name: str) -> PolicyView:
        """Raises NotFound, with the nearest name."""
        book = await self.book(call)
        return policy_view(book, book.get(name), await self._platform.environments(call))

    async def examples(self, call: Call, pack: str | None = None) -> Mapping[str, Any]:
        """How the cases of every policy go, or of those of one pack: see `roadbed.sdk.host` for the shape."""
        book = await self.book(call)
        packs = book.packs if pack is None else [book.pack(pack)]
        own = [case for one in self._built_in if PACK in packs for case in one.outcomes()]
        if not (hosted := [one for one in packs if one is not PACK]):
            return {"cases": own, "problems": []}
        request = {"version": _VERSION, "kind": "examples"}
        answer = await self._platform.ask_policies(call, "examples", request, hosted)
        return {**answer, "cases": [*answer["cases"], *own]}


def _request(case: Case, on: Mapping[str, tuple[PolicyInfo, Effective]]) -> dict[str, Any]:
    """Steps are told only to those who ask for them: with what was before they are as large as the graph."""
    context = case.context
    asked = any(policy.on == "plan" for policy, _ in on.values())
    steps = [_step_row(step) for step in case.steps] if asked else []
    return {
        "version": _VERSION,
        "kind": "judge",
        "stack": context.stack,
        "environment": context.environment,
        "environment_kind": context.kind,
        "owner": context.owner,
        "application": context.application,
        "settings": {name: {"level": meant.level, "config": meant.config} for name, (_, meant) in on.items()},
        "resources": [_row(resource) for resource in case.resources],
        "left_alone": sorted(case.left_alone),
        "steps": steps,
        "cost": case.cost if asked else None,
    }


def _step_row(step: JudgedStep) -> tuple[Any, ...]:
    resource = step.resource
    return step.action, resource if isinstance(resource, int) else _row(resource), step.before, step.loses_data


def _row(one: PlannedResource) -> tuple[Any, ...]:
    """Not by `asdict`, which copies every property: there may be thousands of resources."""
    return one.urn, one.type, one.name, one.properties, one.source, one.kind, one.depends_on, one.options


def _verdicts(
    case: Case, answered: list[dict[str, Any]], asked: Mapping[str, tuple[PolicyInfo, Effective]]
) -> Iterator[Verdict]:
    gone = (step.resource for step in case.steps if isinstance(step.resource, PlannedResource))
    sources = {one.urn: one.source for one in (*case.resources, *gone)} if answered else {}
    for one in answered:
        source, broken = sources.get(one["resource"]), one.pop("broken", None)
        yield Verdict(
            **one,
            source=Place(source["file"], source.get("line")) if source else None,
            broken=Place(broken["file"], broken.get("line")) if broken else None,
            approvals=None if broken else approvals_of(asked[one["policy"]][0]),
        )
