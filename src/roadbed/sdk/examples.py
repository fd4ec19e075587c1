"""Runs the cases that policies bring: what each must refuse, and what it must let pass. Needs no platform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.judged import Example, PlannedChanges
from roadbed.sdk.judging import Found, Judgement, Setting, Wanted, remedy
from roadbed.sdk.policies import Policy

Expected: TypeAlias = Literal["refuses", "passes"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case of a policy went. `wrong` says what is not as expected, None where all is.

    `number` counts the cases of a kind from 1; it is 0 where there is none. `said` are the messages of the findings.
    `error` is what the policy raised, if it did.
    """

    policy: Policy
    expected: Expected
    number: int
    wrong: str | None = None
    said: tuple[str, ...] = ()
    error: BaseException | None = None

    def __str__(self) -> str:
        return f"{self.policy.pack}/{self.policy.name} {self.expected} {self.number}"


def outcomes(policies: Iterable[Policy]) -> Iterator[Outcome]:
    """Every case of every policy. A policy without a case of either kind has one that is wrong."""
    for policy in policies:
        for expected in get_args(Expected):
            cases = getattr(policy, expected)
            for number, example in enumerate(cases, 1):
                yield outcome(policy, expected, number, example)
            if not cases:
                yield Outcome(policy, expected, 0, f"it brings no case: {expected}=Example(type, properties)")


def outcome(policy: Policy, expected: Expected, number: int, example: Example) -> Outcome:
    try:
        found = judged(policy, example)
    except ProgramError as error:
        return Outcome(policy, expected, number, error.message, error=error)
    failed = next((one.error for one in found if one.error is not None), None)
    if failed is not None:
        return Outcome(policy, expected, number, f"it raised {failed!r}", error=failed)
    said = tuple(one.message for one in found)
    return Outcome(policy, expected, number, _wrong(policy, expected, example, said), said)


def judged(policy: Policy, example: Example) -> list[Found]:
    """What the policy says of a case. Raises ProgramError for a case that means nothing."""
    unknown = [name for name in example.config if name not in policy.config]
    if unknown:
        raise ProgramError(f"the case configures {unknown[0]!r}, and the policy has no such config")
    setting = Setting(policy, policy.level, example.context(policy.config))
    wanted = _wanted(policy, example)
    found = Judgement(wanted).findings(setting)
    if policy.level == "remediate" and any(one.change for one in found):
        return [*found, *remedy(wanted, [setting]).failed]
    return found


def _wanted(policy: Policy, example: Example) -> Wanted:
    """A policy on a resource judges the case's own; what it is on else, the others too."""
    steps = example.steps()
    if policy.on == "resource":
        steps = steps[:1] if example.type is not None else []
        if not steps:
            raise ProgramError("the case has no resource", "write Example(type, properties)")
    resources = [step.resource for step in steps if step.action not in ("delete", "retain")]
    return Wanted(resources, PlannedChanges(steps, resources, example.cost))


def _wrong(policy: Policy, expected: Expected, example: Example, said: tuple[str, ...]) -> str | None:
    if expected == "passes":
        return f"it is to let this pass, and says: {said[0]}" if said else None
    if said:
        return None
    return f"it is to refuse this, and says nothing{_not_meant(policy, example)}"


def _not_meant(policy: Policy, example: Example) -> str:
    """Why nobody asked the policy at all, if so."""
    if policy.on != "resource" or policy.is_for(example.type or ""):
        return ""
    return f": {example.type} is none of its types ({', '.join(policy.types)})"


def example_document(example: Example) -> Mapping[str, Any]:
    """A case as JSON, without what is as always."""
    plain = asdict(Example())
    return {key: value for key, value in asdict(example).items() if value != plain[key]}
