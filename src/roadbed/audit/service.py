"""The door of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from roadbed.audit import repository
from roadbed.audit.domain import Record, redact
from roadbed.audit.tables import AuditRecord
from roadbed.kit.access import Authorise, Target, visible_owners
from roadbed.kit.clock import Clock
from roadbed.kit.pagination import Page
from roadbed.storage.call import Call

Outcome: TypeAlias = Literal["done", "refused", "failed"]


class Audit:
    """Adds records and lists them; there is nothing else to do with them."""

    def __init__(self, authorise: Authorise, clock: Clock) -> None:
        self._authorise = authorise
        self._clock = clock

    async def record(
        self,
        call: Call,
        action: str,
        target: Target,
        *,
        outcome: Outcome = "done",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Notes in the caller's transaction what the caller's principal did.

        Asks for no permission, since what is refused is noted too. What must stay when the request fails is recorded
        by its boundary, in a transaction of its own.
        """
        repository.add(
            call.session,
            AuditRecord(
                at=self._clock.now(),
                principal=str(call.principal or "nobody"),
                action=action,
                target_type=target.type,
                target_name=target.name,
                owner=target.owner,
                environment=target.environment,
                outcome=outcome,
                detail=redact(detail or {}),
            ),
        )
        await call.session.flush()

    async def list(
        self,
        call: Call,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        target: str | None = None,
        principal: str | None = None,
        action: str | None = None,
    ) -> Page[Record]:
        """The newest first: all of it, or what is about the teams in which the caller may see the log.

        `target` is a name (`orders`) or a type and a name (`application orders`); `principal` a name or `user:ada`.
        Raises NotFound for whoever may see the log of no team.
        """
        owners = visible_owners(self._authorise, call.principal, "audit.view", "audit")
        if owners is not None and not owners:
            self._authorise(call.principal, "audit.view", Target("audit"))
        return await repository.page(
            call.session,
            owners=owners,
            limit=limit,
            cursor=cursor,
            target=target,
            principal=principal,
            action=action,
        )
