"""The one decision: may this principal do this to that? Made by Cedar, over the policies in `policies/`.

The policies are parsed once: parsing them anew costs cedarpy 20 to 80 ms, a decision with parsed ones 0.04 ms.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from cedarpy import Entities, PolicySet, is_authorized

from roadbed.identity.actions import ACTIONS, ROLES, Action, included
from roadbed.identity.errors import NotAllowed
from roadbed.kit.access import EVERYTHING, Grant, Principal, Role, Target
from roadbed.kit.errors import NotFound, Unauthenticated

_TYPES = {"user": "User", "service": "Service", "system": "System"}
_KEPT_DECISIONS = 4096
_KINDS = frozenset({"development", "test", "production"})


def policy_text() -> str:
    """All shipped policies, as one Cedar text."""
    folder = files("roadbed.identity") / "policies"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".cedar"))
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


class Authoriser:
    """Holds the parsed policies. No I/O: a principal carries its grants, so that the same question has one answer, kept
    for when it is asked again.
    """

    def __init__(self, policies: str | None = None) -> None:
        """`policies` is a Cedar text, by default the shipped one."""
        self._policies = PolicySet.from_str(policies if policies is not None else policy_text())
        self._decided = lru_cache(_KEPT_DECISIONS)(self._decide)

    def authorise(self, principal: Principal | None, action: str, target: Target) -> None:
        """Returns when a policy permits it.

        Raises Unauthenticated for nobody, NotFound for who may not know that the target exists, NotAllowed
        (a Refused) otherwise, which says what role it takes. An action that isn't in ACTIONS is a KeyError.
        """
        known = ACTIONS[action]
        if principal is None:
            raise Unauthenticated("you are not logged in", hint="log in with `roadbed login`")
        if self._permits(principal, action, target):
            return
        if target.name != EVERYTHING and known.seen_by and not self._permits(principal, known.seen_by, target):
            raise NotFound(
                f"there is no {target}", hint="check its name; or it belongs to a group in which you have no role"
            )
        raise self._refusal(principal, known, target)

    def _permits(self, principal: Principal, action: str, target: Target) -> bool:
        return self._decided(_json(_principal_entity(principal)), action, _json(_target_entity(target)))

    def _decide(self, principal: str, action: str, target: str) -> bool:
        """Asks Cedar. `principal` and `target` are its entities, as JSON."""
        request = {
            "principal": json.loads(principal)["uid"],
            "action": {"type": "Action", "id": action},
            "resource": json.loads(target)["uid"],
        }
        entities = Entities.from_json_str(f"[{principal},{target}]")
        return bool(is_authorized(request, self._policies, entities).allowed)

    def _refusal(self, principal: Principal, action: Action, target: Target) -> NotAllowed:
        where = f" in {target.environment}" if target.environment else ""
        name = target.type if target.name == EVERYTHING else str(target)
        sentence = f"{principal} may not {action.does} {name}{where}"
        role = self._lowest_role(action, target)
        if role is None:
            message, hint = f"{sentence}: only the platform itself does that", None
        else:
            scope = target.owner or ("everything" if action.reach == "scope" else "any group")
            message = f"{sentence}: that takes the role {role} for {scope}"
            hint = f"ask an owner of the platform for the role {role}"
        return NotAllowed(message, hint=hint, principal=principal, action=action.name, target=target)

    def _lowest_role(self, action: Action, target: Target) -> Role | None:
        """Asked of the policies themselves, with a principal who holds that role and nothing else."""
        scope = target.owner or EVERYTHING
        for role in ROLES:
            if self._permits(Principal("user", "", grants=(Grant(role, scope),)), action.name, target):
                return role
        return None


def _principal_entity(principal: Principal) -> dict[str, Any]:
    scopes: dict[str, set[str]] = {role: set() for role in ROLES}
    if principal.kind != "system":  # controllers hold no roles: `system.cedar` says what they may do
        for grant in principal.grants:
            for role in included(grant.role):
                scopes[role].add(grant.scope)
    attributes: dict[str, Any] = {role: sorted(held) for role, held in scopes.items()}
    return _entity(_TYPES[principal.kind], principal.name, {"ref": str(principal), **attributes})


def _target_entity(target: Target) -> dict[str, Any]:
    """What isn't known is taken for what is most guarded: an unknown kind of environment for production."""
    kind = target.attributes.get("kind")
    attributes: dict[str, Any] = {
        "scopes": [EVERYTHING, target.owner] if target.owner else [EVERYTHING],
        "kind": kind if kind in _KINDS else "unknown",
    }
    if user := target.attributes.get("user"):
        attributes["user"] = user
    return _entity("Resource", str(target), attributes)


def _json(entity: dict[str, Any]) -> str:
    return json.dumps(entity, sort_keys=True)


def _entity(type_: str, id_: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"uid": {"type": type_, "id": id_}, "attrs": attributes, "parents": []}
