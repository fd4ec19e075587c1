"""The audit log over REST."""

from typing import Annotated

from fastapi import APIRouter, Query

from roadbed.audit.schemas import RecordPage
from roadbed.audit.service import Audit
from roadbed.kit.pagination import MAX_LIMIT
from roadbed.storage.request import CurrentCall

Text = Annotated[str | None, Query(max_length=300)]


def router(service: Audit) -> APIRouter:
    routes = APIRouter(tags=["audit"])

    @routes.get("/audit")
    async def list_records(
        call: CurrentCall,
        *,
        limit: Annotated[int | None, Query(ge=1, le=MAX_LIMIT)] = None,
        cursor: Text = None,
        target: Text = None,
        principal: Text = None,
        action: Text = None,
    ) -> RecordPage:
        """What was done, by whom, the newest first."""
        page = await service.list(call, limit=limit, cursor=cursor, target=target, principal=principal, action=action)
        return RecordPage.model_validate(page)

    return routes
