"""Every action there is, and who gets it.

This table is what people read and what messages quote; the decisions are made by the Cedar policies beside it, and
a test holds the two together. An action that isn't here is a mistake in the program that asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from roadbed.kit.access import Role

Reach: TypeAlias = Literal["scope", "anywhere"]

INCLUDED: Mapping[Role, tuple[Role, ...]] = {
    "viewer": ("viewer",),
    "auditor": ("viewer", "auditor"),
    "developer": ("viewer", "developer"),
    "operator": ("viewer", "auditor", "developer", "operator"),
    "owner": ("viewer", "auditor", "developer", "operator", "owner"),
}
"""Each role with those that it includes, the lowest first."""
ROLES: tuple[Role, ...] = tuple(INCLUDED)


@dataclass(frozen=True, slots=True)
class Action:
    """`role` is the lowest role that has it, None when only the platform itself does.

    `production` is the lowest role where the target is in a production environment (or in one of unknown kind), if
    that takes a higher one. `reach` "scope": the role must cover the group that owns the target; "anywhere": a role
    for any group will do, since what is meant belongs to all. `seen_by` is the action that lets a principal know
    that the target exists: without it the answer is "not found"; None where there is nothing to hide.
    """

    name: str
    does: str
    role: Role | None
    production: Role | None = None
    reach: Reach = "scope"
    seen_by: str | None = None


_ALL: tuple[Action, ...] = (
    Action("application.view", "see", "viewer", seen_by="application.view"),
    Action("application.logs", "read the logs of", "viewer", seen_by="application.view"),
    Action("application.create", "create", "developer"),
    Action("application.plan", "plan", "developer", "operator", seen_by="application.view"),
    Action("application.deploy", "deploy", "developer", "operator", seen_by="application.view"),
    Action("application.scale", "scale", "developer", "operator", seen_by="application.view"),
    Action("application.configure", "configure", "developer", "operator", seen_by="application.view"),
    Action("application.restart", "restart", "developer", "operator", seen_by="application.view"),
    Action("application.rollback", "roll back", "developer", "operator", seen_by="application.view"),
    Action("job.run", "run a job of", "developer", "operator", seen_by="application.view"),
    Action("job.suspend", "suspend or resume a job of", "developer", "operator", seen_by="application.view"),
    Action("resource.change", "change the resources of", "developer", "operator", seen_by="application.view"),
    Action("resource.connect", "connect to a resource of", "developer", "operator", seen_by="application.view"),
    Action("resource.backup", "back up a resource of", "developer", "operator", seen_by="application.view"),
    Action("resource.restore", "restore a resource of", "developer", "operator", seen_by="application.view"),
    Action("resource.rotate", "rotate the credentials of", "developer", "operator", seen_by="application.view"),
    Action("application.destroy", "destroy", "developer", "operator", seen_by="application.view"),
    Action("stack.view", "see", "viewer", seen_by="stack.view"),
    Action("stack.plan", "plan", "developer", "operator", seen_by="stack.view"),
    Action("stack.apply", "apply a plan to", "developer", "operator", seen_by="stack.view"),
    Action("stack.export", "export the state of", "developer", "operator", seen_by="stack.view"),
    Action("stack.move", "move resources of", "developer", "operator", seen_by="stack.view"),
    Action("stack.forget", "drop resources from the state of", "developer", "operator", seen_by="stack.view"),
    Action("stack.import", "import a state into", "operator", seen_by="stack.view"),
    Action("plan.view", "see", "viewer", seen_by="plan.view"),
    Action("release.view", "see", "viewer", seen_by="release.view"),
    Action("build.view", "see", "viewer", seen_by="build.view"),
    Action("build.create", "build", "developer", reach="anywhere"),
    Action("source.upload", "upload", "developer", reach="anywhere"),
    Action("operation.view", "see", "viewer", seen_by="operation.view"),
    Action("operation.cancel", "cancel", "developer", "operator", seen_by="operation.view"),
    Action("secret.seal", "set secrets of", "developer", "operator", seen_by="application.view"),
    Action("waiver.view", "see", "viewer", seen_by="waiver.view"),
    Action("waiver.request", "ask for", "developer", seen_by="waiver.view"),
    Action("waiver.decide", "decide on", "operator", seen_by="waiver.view"),
    Action("waiver.revoke", "take back", "operator", seen_by="waiver.view"),
    Action("approval.view", "see", "viewer", seen_by="approval.view"),
    Action("approval.as_developer", "decide as a developer on", "developer", seen_by="approval.view"),
    Action("approval.as_operator", "decide as an operator on", "operator", seen_by="approval.view"),
    Action("approval.as_owner", "decide as an owner on", "owner", seen_by="approval.view"),
    Action("environment.view", "see", "viewer", reach="anywhere", seen_by="environment.view"),
    Action("quota.view", "see the quota of", "viewer", seen_by="quota.view"),
    Action("policy.view", "see", "viewer", reach="anywhere", seen_by="policy.view"),
    Action("catalog.view", "see", "viewer", reach="anywhere", seen_by="catalog.view"),
    Action("catalog.edit", "edit", "developer", seen_by="catalog.view"),
    Action("type.view", "see", "viewer", reach="anywhere", seen_by="type.view"),
    Action("template.view", "see", "viewer", reach="anywhere", seen_by="template.view"),
    Action("template.run", "run", "developer", reach="anywhere", seen_by="template.view"),
    Action("platform.view", "see", "viewer", reach="anywhere", seen_by="platform.view"),
    Action("platform.manage", "manage", "operator", seen_by="platform.view"),
    Action("audit.view", "read", "auditor", seen_by="audit.view"),
    Action("user.view", "see", "operator", seen_by="user.view"),
    Action("user.manage", "manage", "owner", seen_by="user.view"),
    Action("token.view", "see", "owner", seen_by="token.view"),
    Action("token.manage", "manage", "owner", seen_by="token.view"),
    Action("grant.manage", "manage", "owner"),
    Action("gateway.view", "see", "viewer", seen_by="gateway.view"),
    Action("gateway.change", "change by hand", None, seen_by="gateway.view"),
    Action("runtime.view", "see", "viewer", seen_by="runtime.view"),
    Action("runtime.change", "change by hand", None, seen_by="runtime.view"),
    Action("backing.change", "change by hand", None, seen_by="platform.view"),
    Action("group.sync", "change by hand", None, seen_by="catalog.view"),
    Action("identity.bootstrap", "bootstrap", None),
)

ACTIONS: dict[str, Action] = {action.name: action for action in _ALL}


def at_least(role: Role) -> tuple[Role, ...]:
    """`role` and those that include it."""
    return tuple(each for each, roles in INCLUDED.items() if role in roles)


def included(role: Role) -> tuple[Role, ...]:
    """`role` and those that it includes."""
    return INCLUDED[role]
