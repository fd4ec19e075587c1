"""`[WHOSE] [set NAME=VALUE... | unset NAME...]`: how variables and secrets are said, and asked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import typer

from roadbed.cli.style import is_terminal
from roadbed.kit.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Request:
    """What the words ask for. A value of None is one that has to be asked for."""

    owner: str | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    unset: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.values or self.unset)

    @property
    def known_values(self) -> dict[str, str]:
        """Asks for those that weren't said."""
        return {name: _ask(name) if value is None else value for name, value in self.values.items()}


def understand(words: list[str], *, secret: bool, command: str = "roadbed config orders") -> Request:
    """`secret` lets a name stand alone. `command` is what the hints begin with."""
    owner = words[0] if words and words[0] not in ("set", "unset") else None
    verb, *rest = words[1 if owner else 0 :] or [""]
    if not verb:
        return Request(owner)
    if verb not in ("set", "unset"):
        raise InvalidInput(f"{verb!r} is neither set nor unset", hint=f"as in `{command} set NAME=VALUE`")
    if not rest:
        raise InvalidInput(f"what to {verb}?", hint=f"as in `{command} {verb} NAME{'=VALUE' * (verb == 'set')}`")
    if verb == "unset":
        return Request(owner, unset=tuple(rest))
    return Request(owner, dict(_assignment(word, secret=secret) for word in rest))


def _assignment(word: str, *, secret: bool) -> tuple[str, str | None]:
    name, separator, value = word.partition("=")
    if name and (separator or secret):
        return name, value if separator else None
    hint = "write NAME=VALUE; with --secret, NAME alone asks for the value"
    raise InvalidInput(f"{word!r} sets nothing", hint="write NAME or NAME=VALUE" if secret else hint)


def _ask(name: str) -> str:
    """A value that stays out of the shell's history: typed unseen, or a line of stdin."""
    if is_terminal(sys.stdin):
        return str(typer.prompt(name, hide_input=True, err=True))
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        raise InvalidInput(f"stdin holds no value for {name}", hint="give one line for each name")
    return line
