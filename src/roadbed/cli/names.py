"""Names for shell completion, asked of the platform. A shell must not hang: one second, and no name is no error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from roadbed.cli.here import application_or_here
from roadbed.client.client import Client
from roadbed.kit.errors import RoadbedError

_PATIENCE = 1.0


def applications(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).applications.list()["items"]
    except RoadbedError:
        return []
    return sorted({item["application"] for item in found if item["application"].startswith(incomplete)})


def environments(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).platform.environments()["items"]
    except RoadbedError:
        return []
    return [item["name"] for item in found if item["name"].startswith(incomplete)]


def templates(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).platform.templates()["items"]
    except RoadbedError:
        return []
    return [item["name"] for item in found if item["name"].startswith(incomplete)]


def blocks(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).resources.blocks()["items"]
    except RoadbedError:
        return []
    return [item["type"] for item in found if item["type"].startswith(incomplete)]


def resources(ctx: Any, incomplete: str) -> list[str]:
    """Those of the application that was named, or is described here."""
    environment = ctx.params.get("environment") or "dev"
    try:
        name = application_or_here(ctx.params.get("application"))
        found = Client.found(timeout=_PATIENCE).resources.list(name, environment)["items"]
    except RoadbedError:
        return []
    return [item["name"] for item in found if item["name"].startswith(incomplete)]


def jobs(ctx: Any, incomplete: str) -> list[str]:
    """Those of the application that is described here; before them, where one is named, the applications."""
    environment, words = ctx.params.get("environment") or "dev", ctx.params.get("words") or []
    try:
        name = words[0] if words else application_or_here(None)
        found = Client.found(timeout=_PATIENCE).jobs.list(name, environment)["items"]
    except RoadbedError:
        return [] if words else applications(incomplete)
    return [item["name"] for item in found if item["name"].startswith(incomplete)]


def types(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).types.list()["items"]
    except RoadbedError:
        return []
    return [item["type"] for item in found if item["type"].startswith(incomplete)]


def policies(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).policies.list()["items"]
    except RoadbedError:
        return []
    return [item["name"] for item in found if item["name"].startswith(incomplete)]


def teams(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).quotas.list()["items"]
    except RoadbedError:
        return []
    known = {item["team"].removeprefix("group:").removeprefix("default/") for item in found}
    return sorted(name for name in known if name.startswith(incomplete))


def stacks(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).stacks.list()["items"]
    except RoadbedError:
        return []
    return sorted(item["stack"] for item in found if item["stack"].startswith(incomplete))


def stack_secrets(ctx: Any, incomplete: str) -> list[str]:
    """`set` or `unset`, then what is set for the stack that was named."""
    words = ctx.params.get("words") or []
    if not words:
        return [verb for verb in ("set", "unset") if verb.startswith(incomplete)]
    try:
        found = Client.found(timeout=_PATIENCE).stacks.secrets(ctx.params["name"])["items"]
    except RoadbedError:
        return []
    return [item["name"] for item in found if item["name"].startswith(incomplete) and item["name"] not in words]


def stacks_and_folders(incomplete: str) -> list[str]:
    folder, slash, begun = incomplete.rpartition("/")
    try:
        found = sorted(entry.name for entry in Path(folder + slash or ".").iterdir() if entry.is_dir())
    except OSError:
        found = []
    hidden = begun.startswith(".")
    below = [name for name in found if name.startswith(begun) and (hidden or not name.startswith("."))]
    return [*stacks(incomplete), *(f"{folder}{slash}{name}" for name in below)]


def applications_and_stacks(incomplete: str) -> list[str]:
    return [*applications(incomplete), *stacks(incomplete)]


def waivers(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).waivers.list()["items"]
    except RoadbedError:
        return []
    return [item["id"] for item in found if item["id"].startswith(incomplete)]


def approvals(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).approvals.list(state="waiting")["items"]
    except RoadbedError:
        return []
    return [item["id"] for item in found if item["id"].startswith(incomplete)]
