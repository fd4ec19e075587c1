"""The gateway: public routes and internal endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roadbed.sdk.references import Reference
from roadbed.sdk.resources import Resource


class Route(Resource):
    """Sends requests for `host` and everything below `path` to a port of a workload."""

    if TYPE_CHECKING:
        url: Reference

    def __init__(
        self,
        name: str,
        /,
        *,
        host: str | Reference,
        workload: str,
        port: str | int | Reference,
        path: str | Reference = "/",
        depends_on: Sequence[Resource] = (),
    ) -> None:
        super().__init__(
            "gateway:Route", name, host=host, path=path, workload=workload, port=port, depends_on=depends_on
        )


class Endpoint(Resource):
    """An address by which other workloads on the platform reach a workload; load-balanced over its replicas."""

    if TYPE_CHECKING:
        hostname: Reference
        port: Reference

    def __init__(self, name: str, /, *, workload: str, port: str | int | Reference) -> None:
        super().__init__("gateway:Endpoint", name, workload=workload, port=port)
