"""The part of the fake platform that answers about stacks."""

from __future__ import annotations

from typing import Any

from roadbed.kit.errors import NotFound

AT = "2026-01-01T00:00:00.000Z"
STACK = "network@dev"
ACTIONS = ("create", "update", "replace", "delete", "read", "adopt", "import", "retain", "none")


def urn(path: str, kind: str = "core:Data", stack: str = STACK) -> str:
    return f"{stack}/{path}#{kind}"


def change(path: str, before: Any, after: Any, **more: bool) -> dict[str, Any]:
    return {"path": path, "before": before, "after": after, "secret": False, "unknown": False, "replaces": False} | more


def step(path: str, action: str, *changes: dict[str, Any], type: str = "core:Data", **more: Any) -> dict[str, Any]:
    body = {
        "urn": urn(path, type),
        "type": type,
        "name": path.rpartition("/")[2],
        "kind": "managed",
        "action": action,
        "phase": "infrastructure",
        "order": None,
        "depends_on": [],
        "changes": list(changes),
        "interrupting": False,
        "may_run_twice": False,
        "moved_from": None,
        "id": None,
        "deposed": "",
        "source": None,
        "note": None,
    }
    return body | more


def plan(*steps: dict[str, Any], unchanged: int = 0, number: int = 4, **more: Any) -> dict[str, Any]:
    """As the API shows it without `none` steps."""
    summary = {action: sum(each["action"] == action for each in steps) for action in ACTIONS}
    body = {
        "version": 1,
        "number": number,
        "stack": STACK,
        "created_at": AT,
        "created_by": "user:ada",
        "digest": "d",
        "base": 3,
        "empty": not steps and not more.get("rewrites"),
        "summary": summary | {"none": unchanged},
        "steps": list(steps),
        "rewrites": [],
        "verdicts": [],
        "options": {"targets": [], "replace": [], "refresh": False, "destroy": False},
    }
    return body | more


def entry(number: int, path: str, event: str, do: str = "create", error: str | None = None) -> dict[str, Any]:
    failure = {"detail": error} if error else None
    return {"id": number, "urn": urn(path), "do": do, "event": event, "at": AT, "error": failure}


STACK_ROW = {
    "stack": STACK,
    "owner": "group:default/platform",
    "environment": "dev",
    "kind": "module",
    "resources": 2,
    "serial": 3,
    "applying": None,
    "drift": {"at": AT, "changed": 1, "gone": 0, "unreadable": 0},
    "updated_at": AT,
}
STACK_DETAIL = STACK_ROW | {
    "environment_kind": "development",
    "description": "The network of all",
    "release": None,
    "plan": 4,
    "drift_every": 1800,
    "drift_action": "report",
}
APPLICATION_STACK = STACK_ROW | {"stack": "orders@dev", "kind": "application", "drift": None}


def resource(path: str, **more: Any) -> dict[str, Any]:
    body = {
        "urn": urn(path),
        "type": "core:Data",
        "name": path.rpartition("/")[2],
        "kind": "managed",
        "state": "created",
        "id": f"id-{path}",
        "depends_on": [],
        "properties": {"value": "x"},
        "outputs": {"value": "x"},
        "secret_outputs": ["key"],
        "protect": False,
        "source": {"file": "modules/network/roadbed.py", "line": 3},
        "release": None,
    }
    return body | more


RESOURCES = [resource("vpc"), resource("main/subnet", depends_on=[urn("vpc")])]
HISTORY = {
    "id": 1,
    "at": AT,
    "by": "user:ada",
    "action": "apply",
    "plan": 3,
    "outcome": "succeeded",
    "summary": {"create": 2, "none": 0},
}
PLANS = [
    {
        "number": number,
        "created_at": AT,
        "created_by": "user:ada",
        "summary": dict.fromkeys(ACTIONS, 0) | {"update": 2, "none": 7},
        "state": state,
        "wish": wish and {"targets": ["main/*"], "replace": [], "refresh": True, "destroy": False,
                          "target_dependents": True},
        "release": None,
        "operation": None,
        "ended_at": None,
        "ended_by": None,
    }
    for number, state, wish in ((4, "open", True), (3, "applied", None))
]  # fmt: skip
VERSIONS = [
    {"id": 2, "at": AT, "plan": 3, "do": "update", "event": "failed", "changes": [], "error": {"detail": "no room"}},
    {
        "id": 1,
        "at": AT,
        "plan": 2,
        "do": "create",
        "event": "succeeded",
        "changes": [change("value", None, "x")],
        "error": None,
    },
]
OUTPUTS = [
    {"name": "vpc_id", "value": "vpc-1", "secret": False, "consumers": ["orders@dev"]},
    {"name": "token", "value": None, "secret": True, "consumers": []},
]
SECRETS = [{"name": name, "set_at": AT, "set_by": "user:ada"} for name in ("API_KEY", "TOKEN")]
HELD = "the value that each secret has"
DRIFT = {
    "stack": STACK,
    "at": AT,
    "by": "user:ada",
    "serial": 3,
    "read": 2,
    "stale": False,
    "plan": None,
    "changed": 1,
    "gone": 1,
    "unreadable": 0,
    "items": [
        {
            "urn": urn("vpc"),
            "type": "core:Data",
            "name": "vpc",
            "state": "changed",
            "changes": [change("value", "x", "y")],
            "outputs": [],
            "error": None,
        },
        {
            "urn": urn("main/subnet"),
            "type": "core:Data",
            "name": "subnet",
            "state": "gone",
            "changes": [],
            "outputs": [],
            "error": None,
        },
    ],
}
EXPORTED = {"version": 1, "stack": STACK, "resources": []}


def known(name: str) -> dict[str, Any]:
    """The stack of that name."""
    for each in (STACK_DETAIL, APPLICATION_STACK):
        if each["stack"] == name:
            return each
    raise NotFound(f"there is no stack {name!r}")


TYPE_ROW = {
    "type": "acme:Database",
    "provider": "acme",
    "description": "A database.",
    "typed": "roadbed.sdk.types.acme.Database",
}


def _property(name: str, shape: str, **more: Any) -> dict[str, Any]:
    body = {"required": False, "secret": False, "replaces": False, "default": None, "description": "What it says."}
    return {"name": name, "shape": shape, "schema": {"type": shape}} | body | more


TYPE = TYPE_ROW | {
    "properties": [
        _property("size", "integer", required=True, replaces=True),
        _property("password", "string", secret=True),
        _property("region", "string", default="eu"),
    ],
    "outputs": [
        {"name": "host", "description": "Where it is.", "secret": False, "follows": []},
        {"name": "key", "description": "Its key.", "secret": True, "follows": []},
    ],
    "phase": "infrastructure",
    "replacement": "create_first",
    "may_run_twice": True,
    "holds_data": True,
    "example": 'from roadbed.sdk.types import acme\n\ndatabase = acme.Database("database", size=...)\n',
}
