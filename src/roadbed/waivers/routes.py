"""Waivers over REST."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from roadbed.kit.clock import Clock
from roadbed.storage.request import CurrentCall
from roadbed.waivers.domain import Waiver
from roadbed.waivers.schemas import WaiverBody, WaiverDecisionBody, WaiverOut, WaiversOut, waiver_out
from roadbed.waivers.service import Waivers

Identifier = Annotated[str, Path(max_length=64)]
Name = Annotated[str, Query(max_length=128)]


def router(service: Waivers, clock: Clock) -> APIRouter:
    routes = APIRouter(tags=["waivers"])

    def out(one: Waiver) -> WaiverOut:
        return waiver_out(one, clock.now(), service.settings.soon)

    @routes.get("/waivers")
    async def list_waivers(call: CurrentCall, place: Name | None = None, policy: Name | None = None) -> WaiversOut:
        """The newest first; `place` is an application or module (`orders`), or a stack (`orders@prod`)."""
        return WaiversOut(items=[out(one) for one in await service.waivers(call, place, policy)])

    @routes.post("/waivers", status_code=201)
    async def request_waiver(call: CurrentCall, body: WaiverBody) -> WaiverOut:
        """Asks for one. It acts once another person with the right has approved it."""
        return out(await service.request(call, body.policy, body.subject, body.why, body.until))

    @routes.get("/waivers/{id}")
    async def read_waiver(call: CurrentCall, id: Identifier) -> WaiverOut:
        return out(await service.waiver(call, id))

    @routes.post("/waivers/{id}/approve")
    async def approve_waiver(call: CurrentCall, id: Identifier, body: WaiverDecisionBody) -> WaiverOut:
        return out(await service.approve(call, id, body.comment))

    @routes.post("/waivers/{id}/refuse")
    async def refuse_waiver(call: CurrentCall, id: Identifier, body: WaiverDecisionBody) -> WaiverOut:
        return out(await service.refuse(call, id, body.comment))

    @routes.post("/waivers/{id}/revoke")
    async def revoke_waiver(call: CurrentCall, id: Identifier, body: WaiverDecisionBody) -> WaiverOut:
        """It acts no more."""
        return out(await service.revoke(call, id, body.comment))

    return routes
