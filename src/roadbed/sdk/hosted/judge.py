"""Policies judge a plan's resources. One that can't is broken, and is told with its own line."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roadbed.sdk import policies
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.hosted.places import Places
from roadbed.sdk.hosted.programs import load
from roadbed.sdk.program import Context


def judge(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    load(places.folder)
    context = Context(request["stack"], request["environment"], request["environment_kind"], request.get("owner"))
    verdicts = []
    for one in request["resources"]:
        resource = policies.PlannedResource(one["urn"], one["type"], one["name"], one["properties"], one.get("source"))
        for policy in policies.registered():
            if policy.applies_to(resource):
                findings = _findings(policy, resource, context, places)
                verdicts += [_verdict(policy, resource, finding) for finding in findings]
    return {"verdicts": verdicts}


def _findings(
    policy: policies.Policy, resource: policies.PlannedResource, context: Context, places: Places
) -> list[policies.Finding]:
    """Raises ProgramError at the line of the policy that raises, or of the policy if that answers with nonsense."""
    try:
        return list(_checked(policy.function(resource, context)))
    except MemoryError:
        raise  # there is no room to tell more of it
    except Exception as error:
        told = places.error(error)
        broken = ProgramError(f"the policy {policy.name!r} failed on {resource.urn}: {told['message']}", told["hint"])
        broken.place = {key: told[key] for key in ("file", "line") if key in told} or _place(policy, places)
        raise broken from None


def _checked(answer: object) -> Iterator[policies.Finding]:
    if not isinstance(answer, Iterable):
        raise ProgramError(f"it returned {answer!r}", _YIELD)
    for finding in answer:
        match finding:
            case str():  # a sentence is no pair, of whatever length
                pass
            case [str(message), str(remedy)]:
                yield message, remedy
                continue
        raise ProgramError(f"it yielded {finding!r}", _YIELD)


_YIELD = "yield (message, remedy), both text, for each finding, and nothing where there is none"


def _place(policy: policies.Policy, places: Places) -> dict[str, Any]:
    code = getattr(inspect.unwrap(policy.function), "__code__", None)
    return {"file": places.relative(code.co_filename), "line": code.co_firstlineno} if code else {}


def _verdict(policy: policies.Policy, resource: policies.PlannedResource, finding: policies.Finding) -> dict[str, Any]:
    message, remedy = finding
    return {
        "policy": policy.name,
        "level": policy.level,
        "resource": resource.urn,
        "message": message,
        "remedy": remedy,
    }
