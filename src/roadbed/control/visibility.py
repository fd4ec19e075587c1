"""Which events a principal may hear of: those about what it may see."""

from __future__ import annotations

from roadbed.control.domain import Event
from roadbed.control.events import RESYNC
from roadbed.kit.access import Authorise, Principal, Target, may

_KINDS = ("application", "stack", "release", "operation", "catalog", "template", "waiver", "approval")
_SEEN_BY = {kind: f"{kind}.view" for kind in _KINDS}
_PLATFORM = "platform.view"


def sees(authorise: Authorise, principal: Principal | None, event: Event) -> bool:
    """By the kind of its subject, with the `owner` and `user` that its data names; all else is the platform's."""
    if event.type == RESYNC:
        return True
    kind, _, name = event.subject.partition(":")
    user = event.data.get("user")
    target = Target(kind, name, event.data.get("owner"), attributes={"user": user} if user else {})
    return may(authorise, principal, _SEEN_BY.get(kind, _PLATFORM), target)
