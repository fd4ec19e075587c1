"""Typer, tuned for a quick start: a command's file is imported when that command is used."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from roadbed.cli.commands import COMMANDS, SECTIONS
from roadbed.kit.errors import InvalidInput

HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}


def command_group(**settings: Any) -> typer.Typer:
    """The Typer of one file of commands: plain help, and errors left to the one handler."""
    settings.setdefault("context_settings", HELP_OPTIONS)
    return typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False, **settings)


def examples(*lines: str) -> str:
    """An epilogue that shows how a command is used. `\\b` keeps the lines as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def nearest(name: str, known: list[str]) -> str | None:
    """Whichever of `known` somebody who wrote `name` most likely meant."""
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


class PlainCommand(TyperCommand):
    """A command whose usage shows what it requires as everybody else's does: `APP`, and not `{APP}`."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class LazyGroup(TyperGroup):
    """The root: knows its commands by `commands.COMMANDS` and loads one when it is asked for.

    Contexts are `Any` because Typer keeps its own copy of Click private.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        if (entry := COMMANDS.get(cmd_name)) is None:
            return None
        module = import_module(f"roadbed.cli.{entry.module}")
        found = get_group(module.app).commands[cmd_name]
        return found if isinstance(found, TyperCommand | TyperGroup) else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] in COMMANDS or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        meant = nearest(args[0], list(COMMANDS))
        hint = f"did you mean `roadbed {meant}`?" if meant else "`roadbed --help` lists the commands"
        raise InvalidInput(f"there is no command {args[0]!r}", hint=hint)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        longest = max(map(len, COMMANDS))
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(longest), entry.summary) for name, entry in commands.items()])
