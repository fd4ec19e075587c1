"""What was refused is audited, in a transaction of its own, since the request's was rolled back."""

from __future__ import annotations

import logging

from starlette.types import Scope

from roadbed.audit.service import Audit
from roadbed.identity.errors import NotAllowed
from roadbed.kit.access import Principal, Target
from roadbed.kit.errors import Refused
from roadbed.storage.database import Database

log = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Refusals:
    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def note(self, scope: Scope, error: Exception | None) -> None:
        """Records a mutation that somebody was refused. That this fails must not hide the refusal itself."""
        principal: Principal | None = scope.get("state", {}).get("principal")
        if not isinstance(error, Refused) or scope["method"] in SAFE_METHODS or principal is None:
            return
        action, target = f"{scope['method']} {scope['path']}"[:300], Target("request", scope["path"][:300])
        if isinstance(error, NotAllowed):
            action, target = error.action, error.target
        try:
            async with self._database.call(principal) as call:
                detail = {"reason": error.message}
                await self._audit.record(call, action, target, outcome="refused", detail=detail)
        except Exception:
            log.exception("a refusal could not be audited")
