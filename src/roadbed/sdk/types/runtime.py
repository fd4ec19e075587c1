"""What runs: services and jobs, and the volumes in which they keep what outlives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class Service(Resource):
    """Replicas of one workload that run until the next release. `artifact` is the digest of a build.

    `files` maps absolute paths to text, or `{"content"}` or `{"binary"}` (base64), with `{"mode"}`; `volumes` maps them
    to `{"source": volume.source}`, with `{"path"}` and `{"read_only"}`. `containers` are more containers of each
    replica, by name, with these same properties; `container` is then the name of the first, and `after` says for which
    others a container waits: `{"migrate": "complete"}`, `started` or `healthy`. `port` names the one that PORT is.
    """

    TYPE = "runtime:Service"

    def __init__(
        self,
        name: str,
        /,
        *,
        artifact: str,
        command: Sequence[str] | None = None,
        variables: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        volumes: Mapping[str, Mapping[str, Any]] | None = None,
        ports: Mapping[str, Mapping[str, Any]] | None = None,
        port: str | None = None,
        replicas: int = 1,
        readiness: Mapping[str, Any] | None = None,
        liveness: Mapping[str, Any] | None = None,
        memory_mb: int | None = None,
        cpu_millis: int | None = None,
        container: str | None = None,
        containers: Mapping[str, Mapping[str, Any]] | None = None,
        after: Mapping[str, str] | None = None,
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
        more = {
            "files": files,
            "volumes": volumes,
            "port": port,
            "cpu_millis": cpu_millis,
            "container": container,
            "containers": containers,
            "after": after,
        }
        given = {key: value for key, value in more.items() if value is not None}
        super().__init__(self.TYPE, name, {**properties, **given}, **options)


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
        files: Mapping[str, Any] | None = None,
        volumes: Mapping[str, Mapping[str, Any]] | None = None,
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
        more = {"files": files, "volumes": volumes}
        given = {key: value for key, value in more.items() if value is not None}
        super().__init__(self.TYPE, name, {**properties, **given}, **options)


class Volume(Resource):
    """A folder that outlives replicas, releases and restarts. Deleting it deletes what it holds.

    - `size`: how much it is to hold at most, in bytes or as `10Gi`: measured and shown, not enforced.
    """

    TYPE = "runtime:Volume"

    if TYPE_CHECKING:
        source: Reference

    def __init__(self, name: str, /, *, size: str | int | Deferred | None = None, **options: Unpack[Options]) -> None:
        super().__init__(self.TYPE, name, {} if size is None else {"size": size}, **options)


class ScheduledJob(Resource):
    """A command that runs by the clock: `schedule` in cron's five fields, read in `timezone`.

    `overlap` says what becomes of a run whose time comes while another one runs: `forbid` leaves it out, `allow` begins
    it, `replace` ends the other. A run that fails is tried again `retries` times. One whose time came while the
    platform was down begins late, up to `starting_deadline_s`. `history` is how many runs that ended are kept.
    """

    TYPE = "runtime:ScheduledJob"

    def __init__(
        self,
        name: str,
        /,
        *,
        workload: str,
        artifact: str,
        command: Sequence[str],
        schedule: str,
        timezone: str = "UTC",
        overlap: str = "forbid",
        timeout_s: float = 3600,
        retries: int = 0,
        starting_deadline_s: float = 3600,
        history: int = 20,
        suspended: bool = False,
        variables: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        volumes: Mapping[str, Mapping[str, Any]] | None = None,
        memory_mb: int | None = None,
        cpu_millis: int | None = None,
        **options: Unpack[Options],
    ) -> None:
        properties = {
            "job": name,
            "workload": workload,
            "artifact": artifact,
            "command": command,
            "variables": variables or {},
            "schedule": schedule,
            "timezone": timezone,
            "overlap": overlap,
            "timeout_s": timeout_s,
            "retries": retries,
            "starting_deadline_s": starting_deadline_s,
            "history": history,
            "suspended": suspended,
        }
        more = {"files": files, "volumes": volumes, "memory_mb": memory_mb, "cpu_millis": cpu_millis}
        given = {key: value for key, value in more.items() if value is not None}
        super().__init__(self.TYPE, name, {**properties, **given}, **options)
