"""What a stack takes from elsewhere and gives to others: secrets, imports, exports, and where it runs."""

from __future__ import annotations

import re
from typing import Any

from roadbed.sdk import graph, markers
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.program import Context, current
from roadbed.sdk.references import Deferred, Expression

_LABEL = r"[a-z0-9][a-z0-9-]{0,61}[a-z0-9]"
_STACK = re.compile(f"{_LABEL}@{_LABEL}")
_EXPORT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")


def export(name: str, value: Any) -> None:
    """Lets other stacks use a value: `stack("network@dev")["vpc_id"]`. What is secret in it stays secret."""
    program = current(f"{name!r} is exported")
    program.export(_export_name(name), graph.encode(value, name))


def secret(name: str) -> Deferred:
    """A secret that the platform holds for this stack under that name. The program never sees its value."""
    graph.check_name(name, "a secret")
    return Expression({"$secret": name}, f"secret {name}")


def stack(name: str) -> Stack:
    """Another stack, for what it exports. Without `@`, the one of that owner in this environment."""
    program = current(f"the stack {name!r} is used")
    full = graph.known_text(name, "the name of a stack")
    full = full if "@" in full else f"{full}@{program.context.environment}"
    if not _STACK.fullmatch(full):
        raise ProgramError(f"{name!r} is no stack", "a stack is written owner@environment: network@dev")
    if full == program.stack:
        raise ProgramError(f"{full} can't import from itself", "use the value itself")
    return Stack(full)


class Stack:
    """`stack("network@dev")["vpc_id"]`: what it exports under that name, known only after its own apply."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __getitem__(self, export: str) -> Deferred:
        return Expression({"$import": [self.name, _export_name(export)]}, f"{self.name} {export}")

    def __repr__(self) -> str:
        return markers.told(f"stack {self.name}")


def _export_name(name: object) -> str:
    text = graph.known_text(name, "the name of an export")
    if not _EXPORT.fullmatch(text):
        raise ProgramError(f"{text[:80]!r} can't be the name of an export", "use letters, digits, _ and -")
    return text


class _Running:
    """Where the running program runs."""

    @property
    def stack(self) -> str:
        """`orders@dev`."""
        return self._context().stack

    @property
    def environment(self) -> str:
        """Its name: `dev`."""
        return self._context().environment

    @property
    def kind(self) -> str:
        """What kind of environment it is: development, test or production."""
        return self._context().kind

    @property
    def owner(self) -> str | None:
        """The group that owns the stack: `group:default/payments`."""
        return self._context().owner

    @staticmethod
    def _context() -> Context:
        return current("the context is asked for").context


context = _Running()
