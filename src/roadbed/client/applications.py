"""What there is to ask of applications and to do with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, cast

from roadbed.client.streams import read_ndjson
from roadbed.client.transport import Query, Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import (
        Accepted,
        Application,
        ApplicationDetail,
        ConfigValue,
        Explanation,
        Listing,
        LogEntry,
        Plan,
        Release,
        Replica,
    )


class Applications:
    """`/applications`. Every change is accepted as an operation; follow it with `Operations`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, environment: str | None = None) -> Listing[Application]:
        query = {"environment": environment}
        return cast("Listing[Application]", self._transport.request("GET", "/applications", query=query))

    def get(self, name: str, environment: str) -> ApplicationDetail:
        query = {"environment": environment}
        answer = self._transport.request("GET", path_of("applications", name), query=query)
        return cast("ApplicationDetail", answer)

    def destroy(self, name: str, environment: str, *, final_backups: bool = True) -> Accepted:
        """What holds data is backed up before, unless `final_backups` says otherwise."""
        query: Query = {"environment": environment, "final_backups": final_backups}
        return cast("Accepted", self._transport.request("DELETE", path_of("applications", name), query=query))

    def replicas(self, name: str, environment: str) -> Listing[Replica]:
        return cast("Listing[Replica]", self._get(name, "replicas", environment))

    def releases(self, name: str, environment: str) -> Listing[Release]:
        return cast("Listing[Release]", self._get(name, "releases", environment))

    def config(self, name: str, environment: str) -> Listing[ConfigValue]:
        return cast("Listing[ConfigValue]", self._get(name, "config", environment))

    def logs(
        self, name: str, environment: str, *, lines: int, follow: bool = False, workload: str | None = None
    ) -> Iterator[LogEntry]:
        """The last `lines` of all replicas, oldest first; with `follow` also what comes, until the caller stops."""
        query: Query = {"environment": environment, "n": lines, "follow": follow, "workload": workload}
        path = path_of("applications", name, "logs")
        yield from read_ndjson(self._transport.lines(path, query=query, accept="application/x-ndjson"))

    def deploy(
        self,
        name: str,
        environment: str,
        source: str,
        message: str | None = None,
        *,
        needs: Sequence[str] = (),
        delete_data: bool = False,
        final_backups: bool = True,
    ) -> Accepted:
        """Without `delete_data` it is refused where it would delete what holds data; with it, that is backed up before,
        unless `final_backups` says otherwise. `needs` are the names of those that are accepted of what a source without
        a Score file seems to need.
        """
        body = {
            "environment": environment,
            "source": source,
            "needs": [*needs] or None,
            "message": message,
            "delete_data": delete_data,
            "final_backups": final_backups,
        }
        return cast("Accepted", self._post(name, "deployments", body))

    def plan(
        self, name: str, environment: str, source: str | None = None, *, needs: Sequence[str] = (), all: bool = True
    ) -> Plan:
        """What a deployment would change. Without `all` the plan's `none` steps stay on the server."""
        body = {"environment": environment, "source": source, "needs": [*needs] or None}
        return cast("Plan", self._post(name, "plans", body, query={"all": all}))

    def explanation(self, name: str, environment: str, source: str | None = None) -> Explanation:
        """Which file and line, default, provisioner or setting gave what the application is compiled to."""
        query: Query = {"environment": environment, "source": source}
        answer = self._transport.request("GET", path_of("applications", name, "explanation"), query=query)
        return cast("Explanation", answer)

    def rollback(self, name: str, environment: str, release: str | None = None) -> Accepted:
        """To `release` (`v3`), or to the one before the present one."""
        return cast("Accepted", self._post(name, "rollback", {"environment": environment, "release": release}))

    def restart(self, name: str, environment: str, workload: str | None = None) -> Accepted:
        return cast("Accepted", self._post(name, "restart", {"environment": environment, "workload": workload}))

    def scale(self, name: str, environment: str, replicas: Mapping[str, int]) -> Accepted:
        return cast("Accepted", self._post(name, "scale", {"environment": environment, "replicas": dict(replicas)}))

    def configure(
        self,
        name: str,
        environment: str,
        *,
        values: Mapping[str, str] | None = None,
        unset: Sequence[str] = (),
        secret: bool = False,
    ) -> Accepted:
        """Sets and unsets variables in one release. `secret` holds for all of `values`."""
        body = {"environment": environment, "set": dict(values or {}), "unset": [*unset], "secret": secret}
        answer = self._transport.request("PATCH", path_of("applications", name, "config"), send=body)
        return cast("Accepted", answer)

    def source(self, name: str, environment: str, into: IO[bytes]) -> None:
        """Writes the git bundle of an application that a golden path made."""
        query = {"environment": environment}
        self._transport.download(path_of("applications", name, "source"), query=query, into=into)

    def _get(self, name: str, what: str, environment: str) -> object:
        path = path_of("applications", name, what)
        return self._transport.request("GET", path, query={"environment": environment})

    def _post(self, name: str, what: str, body: Mapping[str, object], query: Query | None = None) -> object:
        given = {key: value for key, value in body.items() if value is not None}
        return self._transport.request("POST", path_of("applications", name, what), query=query, send=given)
