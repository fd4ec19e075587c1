"""Stacks of any kind: their state, and the plans that change it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, cast

from roadbed.client.streams import ServerEvent, read_events
from roadbed.client.transport import Query, Transport, path_of
from roadbed.kit.errors import Unavailable

if TYPE_CHECKING:
    from roadbed.client.models import (
        Accepted,
        DriftReport,
        Forgotten,
        Imported,
        Listing,
        Moved,
        Plan,
        ProgressEntry,
        Stack,
        StackChange,
        StackDetail,
        StackOutput,
        StackPlan,
        StackResource,
        StackSecret,
        StackVersion,
    )

_TRY_AGAIN = 0.5
"""Seconds."""
_MOST_LOST = 60


class StackNode(TypedDict):
    stack: str
    kind: str
    owner: str | None
    environment: str
    resources: int


class StackEdge(TypedDict):
    """`consumer` uses these exports of `stack`."""

    consumer: str
    stack: str
    exports: list[str]


class StackGraph(TypedDict):
    stacks: list[StackNode]
    uses: list[StackEdge]


class Stacks:
    """`/stacks`. A stack is named as text: `network@dev`; resources by a URN, a path, a name or a shell pattern."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, environment: str | None = None) -> Listing[Stack]:
        query = {"environment": environment}
        return cast("Listing[Stack]", self._transport.request("GET", "/stacks", query=query))

    def graph(self, environment: str | None = None, around: str | None = None) -> StackGraph:
        """Which stack uses what of which: of an environment, or all that is tied to one stack."""
        query = {"environment": environment, "around": around}
        return cast("StackGraph", self._transport.request("GET", "/stack-graph", query=query))

    def get(self, stack: str) -> StackDetail:
        return cast("StackDetail", self._get(stack))

    def resources(self, stack: str, urn: str | None = None) -> Listing[StackResource]:
        return cast("Listing[StackResource]", self._get(stack, "resources", query={"urn": urn}))

    def history(self, stack: str, limit: int | None = None) -> Listing[StackChange]:
        """Newest first."""
        return cast("Listing[StackChange]", self._get(stack, "history", query={"limit": limit}))

    def versions(self, stack: str, urn: str) -> Listing[StackVersion]:
        """What has become of one resource, the newest first."""
        return cast("Listing[StackVersion]", self._get(stack, "resources", "history", query={"urn": urn}))

    def outputs(self, stack: str) -> Listing[StackOutput]:
        return cast("Listing[StackOutput]", self._get(stack, "outputs"))

    def secrets(self, stack: str) -> Listing[StackSecret]:
        """What was set for a module's stack; never a value."""
        return cast("Listing[StackSecret]", self._get(stack, "secrets"))

    def set_secret(self, stack: str, name: str, value: str) -> bool:
        """Whether that is a change; plans that were made before one are stale."""
        path = path_of("stacks", stack, "secrets", name)
        return bool(self._transport.request("PUT", path, send={"value": value})["changed"])

    def unset_secret(self, stack: str, name: str) -> None:
        self._transport.request("DELETE", path_of("stacks", stack, "secrets", name))

    def drift(self, stack: str) -> DriftReport:
        """What the last look at the world found."""
        return cast("DriftReport", self._get(stack, "drift"))

    def export(self, stack: str) -> dict[str, Any]:
        """The state as a document; secrets in it are encrypted."""
        return cast("dict[str, Any]", self._get(stack, "export"))

    def plan(
        self,
        stack: str,
        *,
        targets: Sequence[str] = (),
        target_dependents: bool = False,
        replace: Sequence[str] = (),
        refresh: bool = False,
        destroy: bool = False,
        all: bool = True,
    ) -> Plan:
        """Plans what the stack's program declares now. Without `all` the plan's `none` steps stay on the server."""
        body = {
            "targets": [*targets],
            "target_dependents": target_dependents,
            "replace": [*replace],
            "refresh": refresh,
            "destroy": destroy,
        }
        return cast("Plan", self._post(stack, "plans", send=body, query={"all": all}))

    def plans(self, stack: str, limit: int | None = None) -> Listing[StackPlan]:
        """What was planned and what became of it, newest first."""
        return cast("Listing[StackPlan]", self._get(stack, "plans", query={"limit": limit}))

    def get_plan(self, stack: str, number: int, *, all: bool = True) -> Plan:
        return cast("Plan", self._get(stack, "plans", str(number), query={"all": all}))

    def apply(self, stack: str, number: int) -> Accepted:
        return cast("Accepted", self._post(stack, "plans", str(number), "apply"))

    def discard(self, stack: str, number: int) -> None:
        self._post(stack, "plans", str(number), "discard")

    def progress(self, stack: str, number: int, after: int = 0) -> Iterator[ServerEvent]:
        """`progress` events hold `{"entries": [...]}` of the apply's journal since `after`; `end` comes last."""
        path = path_of("stacks", stack, "plans", str(number), "progress")
        return read_events(self._transport.lines(path, query={"after": after}, accept="text/event-stream"))

    def follow(self, stack: str, number: int, after: int = 0) -> Iterator[ProgressEntry]:
        """What happens to each resource in the apply of a plan, until it has ended; goes on where it was when the
        connection is lost. Raises Unavailable when there is none for half a minute.
        """
        lost = 0
        while True:
            try:
                for event in self.progress(stack, number, after):
                    if event.event == "end":
                        return
                    for entry in event.data["entries"]:
                        lost, after = 0, entry["id"]
                        yield cast("ProgressEntry", entry)
            except Unavailable:
                if lost >= _MOST_LOST:
                    raise
            lost += 1
            time.sleep(_TRY_AGAIN)

    def refresh(self, stack: str) -> Accepted:
        """Makes the state say what the world shows."""
        return cast("Accepted", self._post(stack, "refresh"))

    def scan(self, stack: str) -> Accepted:
        """Looks at the world and stores a drift report; changes nothing."""
        return cast("Accepted", self._post(stack, "drift"))

    def import_(self, stack: str, document: Mapping[str, Any], *, replace: bool = False) -> Imported:
        """Takes in what `export` gave. Over resources that there are already only with `replace`."""
        return cast("Imported", self._post(stack, "import", send={"document": dict(document), "replace": replace}))

    def move(self, stack: str, resources: Sequence[str], to: str) -> Moved:
        """In the state only. `to` is a stack, or a stack and the new path of the one resource."""
        return cast("Moved", self._post(stack, "move", send={"resources": [*resources], "to": to}))

    def forget(self, stack: str, resources: Sequence[str], *, force: bool = False) -> Forgotten:
        """Drops them from the state and leaves them in the world; with `force` also what others depend on."""
        return cast("Forgotten", self._post(stack, "forget", send={"resources": [*resources], "force": force}))

    def _get(self, stack: str, *what: str, query: Query | None = None) -> object:
        return self._transport.request("GET", path_of("stacks", stack, *what), query=query)

    def _post(self, stack: str, *what: str, send: object = None, query: Query | None = None) -> object:
        return self._transport.request("POST", path_of("stacks", stack, *what), query=query, send=send)
