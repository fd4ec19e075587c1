"""What the platform asks: alive? ready for traffic? what do the counters say?"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from app.database import is_ready

router = APIRouter(tags=["health"], include_in_schema=False)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Liveness. Asks nothing of anything else: a restart of this process would not mend a database."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Readiness: 200 when the database answers, else 503, and no traffic is sent here meanwhile."""
    if await is_ready(request.app.state.pool):
        return JSONResponse({"status": "ready"})
    return JSONResponse({"status": "waiting for the database"}, status_code=503)


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus text format."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
