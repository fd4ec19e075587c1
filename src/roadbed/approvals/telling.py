"""What is written down and told of an approval: a line of the audit log, and an event for those who may see it."""

from __future__ import annotations

from collections.abc import Mapping

from roadbed.approvals.domain import Approval
from roadbed.audit.service import Audit
from roadbed.control.events import Events
from roadbed.kit.access import require_somebody
from roadbed.storage.call import Call


class Telling:
    def __init__(self, audit: Audit, events: Events) -> None:
        self._audit, self._events = audit, events

    async def tell(self, call: Call, one: Approval, action: str, event: str, more: Mapping[str, object]) -> None:
        require_somebody(call.principal)
        detail = {"stack": one.stack, "plan": one.plan, "operation": one.operation, **more}
        await self._audit.record(call, action, one.target, detail=detail)
        about = {"owner": one.owner, "user": one.asked_by, "stack": one.stack}
        await self._events.emit(call, event, f"approval:{one.id}", about)
