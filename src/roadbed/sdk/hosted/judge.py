"""Policies judge a plan's resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.sdk import policies
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
                verdicts += [_verdict(policy, resource, finding) for finding in policy.function(resource, context)]
    return {"verdicts": verdicts}


def _verdict(policy: policies.Policy, resource: policies.PlannedResource, finding: policies.Finding) -> dict[str, Any]:
    message, remedy = finding
    return {
        "policy": policy.name,
        "level": policy.level,
        "resource": resource.urn,
        "message": message,
        "remedy": remedy,
    }
