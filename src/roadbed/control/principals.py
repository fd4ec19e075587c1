"""A principal as an operation keeps it: who asked, with the groups and roles of that moment."""

from __future__ import annotations

from typing import Any

from roadbed.kit.access import Grant, Principal


def to_json(principal: Principal) -> dict[str, Any]:
    return {
        "kind": principal.kind,
        "name": principal.name,
        "groups": sorted(principal.groups),
        "grants": [{"role": grant.role, "scope": grant.scope} for grant in principal.grants],
    }


def from_json(document: dict[str, Any]) -> Principal:
    return Principal(
        document["kind"],
        document["name"],
        frozenset(document["groups"]),
        tuple(Grant(grant["role"], grant["scope"]) for grant in document["grants"]),
    )
