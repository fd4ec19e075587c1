"""Policies judge a plan. One that fails gives a verdict that says so, with its own line, and stops no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roadbed.sdk import policies
from roadbed.sdk.hosted.guard import limited
from roadbed.sdk.hosted.packs import load_packs
from roadbed.sdk.hosted.places import Places, Stopped
from roadbed.sdk.judged import Context, PlannedChanges, PlannedResource, PlannedStep
from roadbed.sdk.judging import Found, Judgement, Setting, Wanted, broken, remedy

POLICY_SECONDS = 3.0
"""How long one policy may take over one plan."""


def judge(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    load_packs(request["packs"], places)  # what goes wrong in them was told as they were described
    settings = _settings(request)
    wanted = _wanted(request)
    remedied = remedy(wanted, [one for one in settings if one.level == "remediate"], _findings)
    if remedied.changes:
        return {
            "changes": [_change(found) for found in remedied.changes],
            "properties": _rewritten(wanted.resources, remedied.wanted.resources),
            "verdicts": [],
        }
    judgement = Judgement(wanted)
    found = [*remedied.failed]
    for setting in settings:
        if setting.level != "remediate":
            found += _findings(judgement, setting)
    return {"changes": [], "properties": {}, "verdicts": [_verdict(one, places) for one in found]}


def _findings(judgement: Judgement, setting: Setting) -> Sequence[Found]:
    try:
        with limited(POLICY_SECONDS):
            return judgement.findings(setting)
    except Stopped as error:
        return [broken(setting, error)]


def _settings(request: Mapping[str, Any]) -> list[Setting]:
    """The policies that are on, in the order of their names, each as it is meant here."""
    here = Context(
        request["stack"],
        request["environment"],
        request["environment_kind"],
        request.get("owner"),
        request.get("application"),
    )
    on = request["settings"]
    known = sorted(policies.registered(), key=lambda one: one.name)
    return [_setting(one, on[one.name], here) for one in known if one.name in on]


def _setting(policy: policies.Policy, given: Mapping[str, Any], here: Context) -> Setting:
    return Setting(policy, given["level"], replace(here, config={**policy.config, **given["config"]}))


def _wanted(request: Mapping[str, Any]) -> Wanted:
    """Resources come as rows, since there may be thousands: see `roadbed.sdk.host`."""
    resources = [PlannedResource(*row) for row in request["resources"]]
    alone = frozenset(request.get("left_alone", ()))
    steps = list(_steps(request.get("steps", ()), resources))
    planned = [one for one in resources if one.urn not in alone]
    return Wanted(resources, PlannedChanges(steps, planned, request.get("cost")), alone)


def _steps(rows: Sequence[Sequence[Any]], resources: Sequence[PlannedResource]) -> Iterator[PlannedStep]:
    """Each is an action, which resource (its place in the list, or its own row), what it was, and if data is lost."""
    for action, resource, before, loses_data in rows:
        planned = resources[resource] if isinstance(resource, int) else PlannedResource(*resource)
        yield PlannedStep(action, planned, before, loses_data)


def _rewritten(before: Sequence[PlannedResource], after: Sequence[PlannedResource]) -> dict[str, Any]:
    pairs = zip(before, after, strict=True)
    return {new.urn: new.properties for old, new in pairs if new.properties is not old.properties}


def _change(found: Found) -> dict[str, Any]:
    assert found.change is not None  # noqa: S101 - it is one that did something
    policy = found.setting.policy
    told = {"policy": policy.name, "pack": policy.pack, "resource": found.change.urn, "message": found.message}
    return {**told, "reason": policy.reason, "properties": dict(found.change.properties)}


def _verdict(found: Found, places: Places) -> dict[str, Any]:
    policy = found.setting.policy
    verdict = {
        "policy": policy.name,
        "pack": policy.pack,
        "level": found.setting.level,
        "resource": found.resource or "",
        "message": found.message,
        "remedy": found.remedy,
        "reason": policy.reason,
    }
    if found.error is None:
        return verdict
    told = places.error(found.error)
    place = {key: told[key] for key in ("file", "line") if key in told} or place_of(policy, places)
    message = f"the policy failed at {place['file']}:{place['line']}, and could not judge: {told['message']}"
    return {**verdict, "message": message, "remedy": told["hint"] or "mend the policy", "broken": place}


def place_of(policy: policies.Policy, places: Places) -> dict[str, Any]:
    file, line = policy.place
    return {"file": places.relative(file) or file, "line": line}
