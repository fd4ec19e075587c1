"""Operations and events over REST."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import StreamingResponse

from roadbed.control.domain import Event, LogLine, Operation, State
from roadbed.control.schemas import EventOut, LogLineOut, LogPage, OperationOut, OperationPage
from roadbed.control.service import MAX_LOG_PAGE, Operations
from roadbed.control.streams import ServerEvent, event_stream, last_event_id
from roadbed.kit.pagination import MAX_LIMIT
from roadbed.storage.request import CurrentCall

Id = Annotated[str, Path(max_length=64)]
Text = Annotated[str | None, Query(max_length=300)]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=32)]


def router(service: Operations) -> APIRouter:
    routes = APIRouter(tags=["operations"])

    @routes.get("/operations")
    async def list_operations(
        call: CurrentCall,
        *,
        target: Text = None,
        kind: Text = None,
        state: State | None = None,
        limit: Annotated[int | None, Query(ge=1, le=MAX_LIMIT)] = None,
        cursor: Text = None,
    ) -> OperationPage:
        """The newest first."""
        page = await service.list(call, target=target, kind=kind, state=state, limit=limit, cursor=cursor)
        return OperationPage.model_validate(page)

    @routes.get("/operations/{id}")
    async def get_operation(call: CurrentCall, id: Id) -> OperationOut:
        return OperationOut.model_validate(await service.get(call, id))

    @routes.post("/operations/{id}/cancel")
    async def cancel_operation(call: CurrentCall, id: Id) -> OperationOut:
        """One that is queued ends at once; one that runs is asked to."""
        return OperationOut.model_validate(await service.cancel(call, id))

    @routes.get("/operations/{id}/log")
    async def get_operation_log(
        call: CurrentCall,
        id: Id,
        *,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_LOG_PAGE)] = MAX_LOG_PAGE,
    ) -> LogPage:
        return LogPage.model_validate({"items": await service.log(call, id, after, limit)})

    @routes.get("/operations/{id}/events", response_class=StreamingResponse)
    async def follow_operation(call: CurrentCall, id: Id, last: LastEventId = None) -> StreamingResponse:
        """`operation` events hold the operation, `log` events a line of its log; ends after the operation did."""
        return event_stream(_followed(await service.follow(call, id, last_event_id(last) or 0)))

    @routes.get("/events", response_class=StreamingResponse)
    async def follow_events(call: CurrentCall, last: LastEventId = None) -> StreamingResponse:
        """What changed, as far as the caller may see it, named by `subject` and to be read again."""
        return event_stream(_events(await service.watch(call, last_event_id(last))))

    return routes


async def _followed(changes: AsyncIterator[Operation | LogLine]) -> AsyncIterator[ServerEvent]:
    async for change in changes:
        if isinstance(change, LogLine):
            line = LogLineOut.model_validate(change)
            yield ServerEvent("log", line.model_dump_json(), str(change.sequence))
        else:
            yield ServerEvent("operation", OperationOut.model_validate(change).model_dump_json())


async def _events(events: AsyncIterator[Event]) -> AsyncIterator[ServerEvent]:
    async for event in events:
        yield ServerEvent(event.type, EventOut.model_validate(event).model_dump_json(), str(event.id))
