"""Lets policies judge, and put right, what is wanted. Pure: whoever calls says where from and what of it is shown.

One policy that fails says so and hides nothing of the others. Nothing is copied for a policy: all of them see the same
resources, and those that are for a type are found by it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from types import GeneratorType
from typing import Any, TypeAlias

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.judged import (
    Change,
    Context,
    PlannedChanges,
    PlannedResource,
    PlannedStack,
    Violation,
)
from roadbed.sdk.policies import Level, Policy

MOST_FINDINGS = 10_000
"""Of one policy on one plan."""
MOST_ROUNDS = 8
"""How often what was put right is put right again, before it is a circle."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a policy is meant here: its level and its configuration, with what is configured over its own."""

    policy: Policy
    level: Level
    context: Context


@dataclass(frozen=True, slots=True)
class Found:
    """What a policy says of a resource, by URN, or of the whole (None). `error`: it could not judge.

    `change` is what it does about it, of a policy that remediates.
    """

    setting: Setting
    message: str
    remedy: str = ""
    resource: str | None = None
    change: Change | None = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is judged. `resources` are all of the stack; those of `left_alone` the plan does not touch, by URN."""

    resources: Sequence[PlannedResource]
    plan: PlannedChanges = field(default_factory=PlannedChanges)
    left_alone: frozenset[str] = frozenset()

    def by_type(self) -> dict[str, list[PlannedResource]]:
        """Those that policies on a resource judge."""
        found: dict[str, list[PlannedResource]] = defaultdict(list)
        for one in self.resources:
            if one.urn not in self.left_alone:
                found[one.type].append(one)
        return found


class Judgement:
    """One plan before its judges."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._by_type = wanted.by_type()
        self._stack = PlannedStack(wanted.resources)

    def findings(self, setting: Setting) -> list[Found]:
        """What one policy says, whatever it does to say it."""
        found: list[Found] = []
        for subject in self._subjects(setting.policy):
            resource = subject.urn if isinstance(subject, PlannedResource) else None
            try:
                for finding in _answer(setting.policy.function(subject, setting.context)):
                    found.append(_found(setting, finding, resource))
                    _check_number(found)
            except MemoryError:
                raise  # there is no room to tell more of it
            except (Exception, SystemExit) as error:
                found.append(broken(setting, error, resource))
                if len(found) > MOST_FINDINGS:
                    break  # it is told once that there are too many
        return found

    def _subjects(self, policy: Policy) -> Iterable[PlannedResource | PlannedChanges | PlannedStack]:
        if policy.on == "plan":
            return (self.wanted.plan,)
        if policy.on == "stack":
            return (self._stack,) if self.wanted.resources else ()
        return chain.from_iterable(ones for name, ones in self._by_type.items() if policy.is_for(name))


def _check_number(found: Sequence[Found]) -> None:
    if len(found) >= MOST_FINDINGS:
        raise ProgramError(f"it has more than {MOST_FINDINGS:,} findings", "say it once for all that are alike")


def broken(setting: Setting, error: BaseException, resource: str | None = None) -> Found:
    return Found(setting, "", resource=resource, error=error)


def _answer(answer: Any) -> Iterable[Any]:
    if type(answer) is GeneratorType or isinstance(answer, list | Iterator):
        return answer
    raise ProgramError(f"it returned {answer!r}", _YIELD)


_YIELD = "yield a message, or (message, remedy), for each finding, and nothing where there is none"
_CHANGE = "yield a Change(resource, {property: value}, message) for each"


def _found(setting: Setting, finding: object, resource: str | None) -> Found:
    """Raises ProgramError for what is no finding."""
    remedy = setting.policy.remedy
    match finding:
        case Change(message=str(), properties=Mapping()) if setting.policy.level == "remediate":
            _check_change(finding)
            return Found(setting, finding.message, remedy or "", finding.urn, finding)
        case _ if setting.policy.level == "remediate":
            raise ProgramError(f"it is to remediate, and yielded {finding!r}", _CHANGE)
        case str():
            message, own, about = finding, remedy, resource
        case [str(message), str(own)]:
            about = resource
        case Violation(message=str(message)):
            own, about = finding.remedy or remedy, resource or finding.urn
        case _:
            raise ProgramError(f"it yielded {finding!r}", _YIELD)
    if own is None:
        raise ProgramError(f"it yielded {message!r} without a remedy, and has none", "give the policy a remedy=…")
    return Found(setting, message, own, about)


def _check_change(change: Change) -> None:
    try:
        json.dumps(change.properties, allow_nan=False)
    except (TypeError, ValueError):
        raise ProgramError(f"it gives {change.urn} properties that are no plain values", _CHANGE) from None


@dataclass(frozen=True, slots=True)
class Remedied:
    """The stack as policies have put it right, what they did to it in their order, and which of them failed."""

    wanted: Wanted
    changes: tuple[Found, ...] = ()
    failed: tuple[Found, ...] = ()


Judge: TypeAlias = Callable[[Judgement, Setting], Sequence[Found]]


def remedy(wanted: Wanted, settings: Sequence[Setting], judge: Judge = Judgement.findings) -> Remedied:
    """Lets policies put right what is wanted, until none of them has anything left to do.

    Each sees what those before it have done. Policies that go on without end undo each other's work: they have failed,
    and nothing is put right. `judge` asks one policy.
    """
    judgement, done = Judgement(wanted), list[Found]()
    for _ in range(MOST_ROUNDS):
        before, failed = len(done), list[Found]()
        for setting in settings:
            found = judge(judgement, setting)
            failed += [one for one in found if one.error is not None]
            after, changed, lost = _apply(judgement.wanted, [one for one in found if one.change is not None])
            if changed:
                judgement = Judgement(after)
            done, failed = done + changed, failed + lost
        if len(done) == before:
            return Remedied(judgement.wanted, tuple(done), tuple(failed))
    return Remedied(wanted, failed=tuple(_circle(done[before:])))


def _apply(wanted: Wanted, changes: Sequence[Found]) -> tuple[Wanted, list[Found], list[Found]]:
    """What is wanted then, the changes that did something, and those that could not."""
    if not changes:
        return wanted, [], []
    resources = {one.urn: one for one in wanted.resources}
    done, failed = [], []
    for found in changes:
        assert found.change is not None  # noqa: S101 - these are changes
        resource = resources.get(found.change.urn)
        if resource is None:
            failed.append(broken(found.setting, ProgramError(f"it changes {found.change.urn}, which is not there")))
            continue
        properties = {**resource.properties, **found.change.properties}
        properties = {name: value for name, value in properties.items() if value is not None}
        if properties != resource.properties:
            resources[resource.urn] = replace(resource, properties=properties)
            done.append(found)
    return replace(wanted, resources=tuple(resources.values())), done, failed


def _circle(last: Iterable[Found]) -> Iterator[Found]:
    """Each policy that was still at work, with what it last did."""
    told = {found.setting.policy.name: found for found in last}
    names = " and ".join(sorted(told))
    for found in told.values():
        change = found.change
        assert change is not None  # noqa: S101 - these are changes
        what = f"{', '.join(change.properties)} of {change.urn}"
        message = f"{names} never come to an end: {what} is changed again and again"
        hint = "let only one of them decide, or let it yield a Change only where the value is another one"
        yield broken(found.setting, ProgramError(message, hint), change.urn)
