"""Resources, and the program that collects them while it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any

from roadbed.sdk import graph
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.references import Reference

_SDK = str(Path(__file__).parent)


class Program:
    """What is being declared: the resources of one stack, in the order in which they were declared."""

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.resources: dict[str, dict[str, Any]] = {}

    def add(self, resource: dict[str, Any]) -> None:
        if (earlier := self.resources.get(resource["urn"])) is not None:
            place = earlier["source"]
            raise ProgramError(
                f"{resource['urn']} is declared twice",
                f"it was declared first in {place['file']}:{place['line']}" if place else "give one another name",
            )
        self.resources[resource["urn"]] = resource

    def document(self) -> dict[str, Any]:
        return {
            "version": graph.VERSION,
            "stack": self.stack,
            "resources": list(self.resources.values()),
        }


_program: ContextVar[Program | None] = ContextVar("program", default=None)
_path: ContextVar[tuple[str, ...]] = ContextVar("path", default=())


@contextmanager
def running(program: Program) -> Iterator[Program]:
    """Everything declared inside the block is declared for `program`."""
    token = _program.set(program)
    try:
        yield program
    finally:
        _program.reset(token)


@contextmanager
def inside(*names: str) -> Iterator[None]:
    """Everything declared inside the block stands below this path."""
    token = _path.set((*_path.get(), *names))
    try:
        yield
    finally:
        _path.reset(token)


class Resource:
    """A node of the graph, of any type: `Resource("postgres:Database", "db", name="orders")`.

    Its outputs are references: `db.host`, or `db["host"]` where the name is no identifier. `depends_on` names resources
    that must be there first though no property refers to them.
    """

    def __init__(
        self,
        type: str,
        name: str,
        /,
        properties: Mapping[str, Any] | None = None,
        *,
        depends_on: Sequence[Resource] = (),
        **named: Any,
    ) -> None:
        program = _program.get()
        if program is None:
            raise ProgramError(f"{type} {name!r} is declared outside of a program", "declare it inside a provisioner")
        given = {**(properties or {}), **named}
        self.urn = graph.urn(program.stack, _path.get(), name, type)
        program.add(
            {
                "urn": self.urn,
                "type": type,
                "name": name,
                "properties": {key: graph.encode(value) for key, value in given.items() if value is not None},
                "depends_on": [other.urn for other in depends_on],
                "source": _place(),
            }
        )

    def __getitem__(self, output: str) -> Reference:
        return Reference(self.urn, output)

    def __getattr__(self, output: str) -> Reference:
        if output.startswith("_"):
            raise AttributeError(output)
        return Reference(self.urn, output)

    def __repr__(self) -> str:
        return f"<{self.urn}>"


def _place() -> dict[str, Any] | None:
    """File and line of the user's code that is declaring: the nearest frame outside the SDK."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_SDK):
        frame = frame.f_back
    return None if frame is None else {"file": frame.f_code.co_filename, "line": frame.f_lineno}
