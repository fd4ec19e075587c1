"""Resources that applications ask for."""

from __future__ import annotations

from typing import Any, TypedDict

from roadbed.client.models.plans import Plan


class ResourcePart(TypedDict):
    urn: str
    type: str
    state: str


AskedResource = TypedDict(
    "AskedResource",
    {
        "name": str,
        "type": str,
        "class": str,
        "state": str,
        "params": dict[str, Any],
        "workloads": list[str],
        "variables": list[str],
        "declared": list[str],
        "set_by": str | None,
        "set_at": str | None,
        "editable": bool,
        "provisioner": str | None,
        "outputs": list[str],
        "parts": list[ResourcePart],
    },
)
"""A resource that an application asks for. `state`: created, failed, or planned as long as it isn't there."""


class ResourceProposal(TypedDict):
    """What a change would do. `declared` None: nothing is declared any more."""

    name: str
    declared: dict[str, Any] | None
    file: str
    diff: str
    lines: str
    loses_data: bool
    plan: Plan


class Connection(TypedDict):
    """`outputs` in the clear; `secret` names those that must not be shown."""

    name: str
    type: str
    outputs: dict[str, Any]
    secret: list[str]


class CheckedRequest(TypedDict):
    name: str
    type: str
