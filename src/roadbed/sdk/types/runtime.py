"""What runs: services and jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Reference
from roadbed.sdk.resources import Resource


class Service(Resource):
    """Replicas of one workload that run until the next release. `artifact` is the digest of a build."""

    TYPE = "runtime:Service"

    def __init__(
        self,
        name: str,
        /,
        *,
        artifact: str,
        command: Sequence[str] | None = None,
        variables: Mapping[str, Any] | None = None,
        ports: Mapping[str, Mapping[str, Any]] | None = None,
        replicas: int = 1,
        readiness: Mapping[str, Any] | None = None,
        liveness: Mapping[str, Any] | None = None,
        memory_mb: int | None = None,
        **options: Unpack[Options],
    ) -> None:
        properties = {
            "workload": name,
            "artifact": artifact,
            "command": command,
            "variables": variables or {},
            "ports": ports or {},
            "replicas": replicas,
            "readiness": readiness,
            "liveness": liveness,
            "memory_mb": memory_mb,
        }
        super().__init__(self.TYPE, name, properties, **options)


class Job(Resource):
    """A command that runs once to its end when it is created, and again whenever one of its properties changes."""

    TYPE = "runtime:Job"

    if TYPE_CHECKING:
        exit_code: Reference

    def __init__(
        self,
        name: str,
        /,
        *,
        workload: str,
        artifact: str,
        command: Sequence[str],
        variables: Mapping[str, Any] | None = None,
        timeout_s: int = 600,
        **options: Unpack[Options],
    ) -> None:
        properties = {
            "workload": workload,
            "artifact": artifact,
            "command": command,
            "variables": variables or {},
            "timeout_s": timeout_s,
        }
        super().__init__(self.TYPE, name, properties, **options)
