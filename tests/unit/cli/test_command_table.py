"""The table that `--help` is drawn from says what the commands' own files say."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from typer.main import get_command

from roadbed.cli.commands import COMMANDS
from roadbed.cli.main import root

GROUP: Any = get_command(root)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_where_the_table_says_with_the_same_summary(name: str) -> None:
    command = GROUP.get_command(typer.Context(GROUP), name)
    assert command is not None
    assert command.help.splitlines()[0] == COMMANDS[name].summary


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples(name: str) -> None:
    command = GROUP.get_command(typer.Context(GROUP), name)
    assert f"  roadbed {name}" in command.epilog
