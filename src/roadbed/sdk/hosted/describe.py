"""What policies there are, with all that people are told of them; and how their cases go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.sdk import policies
from roadbed.sdk.examples import Outcome, example_document, outcomes
from roadbed.sdk.hosted.judge import place_of
from roadbed.sdk.hosted.packs import load_packs
from roadbed.sdk.hosted.places import Places
from roadbed.sdk.policies import Policy


def describe(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    problems = load_packs(request["packs"], places)
    return {"policies": [_policy(one, places) for one in _known()], "problems": problems}


def try_examples(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    problems = load_packs(request["packs"], places)
    return {"cases": [_case(one, places) for one in outcomes(_known())], "problems": problems}


def _known() -> Iterator[Policy]:
    yield from sorted(policies.registered(), key=lambda one: (one.pack, one.name))


def _policy(policy: Policy, places: Places) -> dict[str, Any]:
    return {
        "name": policy.name,
        "pack": policy.pack,
        "level": policy.level,
        "on": policy.on,
        "types": list(policy.types),
        "reason": policy.reason,
        "remedy": policy.remedy,
        "documentation": (policy.function.__doc__ or "").strip(),
        "config": dict(policy.config),
        "approvals": policy.approvals,
        "refuses": [example_document(one) for one in policy.refuses],
        "passes": [example_document(one) for one in policy.passes],
        **place_of(policy, places),
    }


def _case(outcome: Outcome, places: Places) -> dict[str, Any]:
    place = place_of(outcome.policy, places)
    if outcome.error is not None:
        told = places.error(outcome.error)
        place = {key: told[key] for key in ("file", "line") if key in told} or place
    return {
        "policy": outcome.policy.name,
        "pack": outcome.policy.pack,
        "expected": outcome.expected,
        "number": outcome.number,
        "wrong": outcome.wrong,
        "said": list(outcome.said),
        **place,
    }
