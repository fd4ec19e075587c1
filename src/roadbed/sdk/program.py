"""The program that collects what is declared while it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from roadbed.sdk import graph
from roadbed.sdk.errors import ProgramError

_SDK = str(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Context:
    """Where a program runs. `kind` is the environment's: development, test or production. `owner` is a group."""

    stack: str
    environment: str
    kind: str
    owner: str | None = None


class Declared:
    """What stands in a graph and can be depended on: a resource or a component."""

    urn: str


class Program:
    """What is being declared: the resources of one stack, in the order in which they were declared.

    `exporting`: whether it may say what other stacks may use.
    """

    def __init__(self, stack: str, context: Context | None = None, *, exporting: bool = True) -> None:
        self.stack = stack
        self.context = context or Context(stack, stack.rpartition("@")[2], "development")
        self.exporting = exporting
        self.resources: dict[str, dict[str, Any]] = {}
        self.exports: dict[str, Any] = {}
        self.export_sources: dict[str, Mapping[str, Any] | None] = {}

    def add(self, resource: dict[str, Any]) -> None:
        if (earlier := self.resources.get(resource["urn"])) is not None:
            place = earlier["source"]
            raise ProgramError(
                f"{resource['urn']} is declared twice",
                f"it was declared first in {place['file']}:{place['line']}; give one of them another name"
                if place
                else "give one of them another name",
            )
        self.resources[resource["urn"]] = resource

    def export(self, name: str, value: Any) -> None:
        if not self.exporting:
            raise ProgramError("a provisioner can't export", "return outputs; programs and modules export")
        if name in self.exports:
            raise ProgramError(f"{name!r} is exported twice", "give one of them another name")
        self.exports[name] = value
        self.export_sources[name] = place(self)

    def document(self) -> dict[str, Any]:
        document = {"version": graph.VERSION, "stack": self.stack, "resources": list(self.resources.values())}
        exported = {"exports": self.exports, "export_sources": self.export_sources}
        return {**document, **exported} if self.exports else document


@dataclass(frozen=True, slots=True)
class Scope:
    """Where in the stack a declaration stands, and what it inherits there.

    `paths` are the path below which it stands, then those of earlier days. `holds` collects what the component around
    it holds.
    """

    paths: tuple[tuple[str, ...], ...] = ((),)
    depends_on: tuple[str, ...] = ()
    protect: bool = False
    retain_on_delete: bool = False
    provider: Declared | None = None
    holds: list[str] | None = None

    @property
    def inherits(self) -> bool:
        """Whether a declaration without options has some all the same."""
        return self.protect or self.retain_on_delete or self.provider is not None or len(self.paths) > 1


_program: ContextVar[Program | None] = ContextVar("program", default=None)
_TOP = Scope()
_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


@contextmanager
def running(program: Program) -> Iterator[Program]:
    """Everything declared inside the block is declared for `program`."""
    token = _program.set(program)
    try:
        yield program
    finally:
        _program.reset(token)


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """Everything declared inside the block stands in this scope."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def inside(*names: str) -> Iterator[None]:
    """Everything declared inside the block stands below this path."""
    around = scope()
    with within(replace(around, paths=tuple((*path, *names) for path in around.paths))):
        yield


def current(what: str) -> Program:
    """The running program. Raises ProgramError, naming what was asked of it, when there is none."""
    program = _program.get()
    if program is None:
        raise ProgramError(f"{what} outside of a program", "declare it in a roadbed.py or inside a provisioner")
    return program


def scope() -> Scope:
    return _scope.get() or _TOP


def enter(program: Program, resource: dict[str, Any], around: Scope) -> None:
    """Adds a resource to the program and to the component around it."""
    program.add(resource)
    if around.holds is not None:
        around.holds.append(resource["urn"])


def place(declared: object) -> Mapping[str, Any] | None:
    """File and line of the user's code that declares: outside the SDK, and outside of the constructor of its class."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (frame.f_code.co_filename.startswith(_SDK) or _constructs(frame, declared)):
        frame = frame.f_back
    return None if frame is None else {"file": frame.f_code.co_filename, "line": frame.f_lineno}


def _constructs(frame: FrameType, declared: object) -> bool:
    return frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is declared
