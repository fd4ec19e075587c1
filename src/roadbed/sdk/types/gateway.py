"""The gateway: public routes and internal endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class Route(Resource):
    """Sends requests for `host` and everything below `path` to a port of a workload."""

    TYPE = "gateway:Route"

    if TYPE_CHECKING:
        url: Reference

    def __init__(
        self,
        name: str,
        /,
        *,
        host: str | Deferred,
        workload: str,
        port: str | int | Deferred,
        path: str | Deferred = "/",
        **options: Unpack[Options],
    ) -> None:
        properties = {"host": host, "path": path, "workload": workload, "port": port}
        super().__init__(self.TYPE, name, properties, **options)


class Endpoint(Resource):
    """An address by which other workloads on the platform reach a workload; load-balanced over its replicas."""

    TYPE = "gateway:Endpoint"

    if TYPE_CHECKING:
        hostname: Reference
        port: Reference

    def __init__(self, name: str, /, *, workload: str, port: str | int | Deferred, **options: Unpack[Options]) -> None:
        super().__init__(self.TYPE, name, {"workload": workload, "port": port}, **options)
