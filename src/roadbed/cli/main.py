"""The entry point `roadbed`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated

import typer
from typer.main import get_command

from roadbed import __version__
from roadbed.cli import errors
from roadbed.cli.group import HELP_OPTIONS, LazyGroup
from roadbed.kit.errors import InvalidInput

EXIT_CODES = """\b
Exit codes:
  0  done
  1  the operation failed
  2  wrong usage or input
  3  refused, by a permission or a policy
  4  not found
  5  can't reach the platform, or not logged in
  6  accepted, and waiting for somebody's approval

\b
ROADBED_URL and ROADBED_TOKEN choose a platform, ROADBED_ENVIRONMENT the environment (dev).
Every command that shows something takes `-o json`; `roadbed COMMAND --help` has examples."""

root = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings=HELP_OPTIONS,
    epilog=EXIT_CODES,
)


@root.callback()
def roadbed(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """From an idea to a running, owned service: the internal developer platform."""
    if version:
        typer.echo(f"roadbed {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: Sequence[str]) -> int:
    """Runs one command line; returns its exit code."""
    try:
        _check_text(arguments)
        result = get_command(root).main(args=arguments, prog_name="roadbed", standalone_mode=False)
        sys.stdout.flush()
    except typer.Abort:
        return errors.INTERRUPTED
    except SystemExit as leaving:  # Typer's own: 0 after installing completion, 1 when stdout's reader has gone
        return _reader_left() if leaving.code else 0
    except BrokenPipeError:
        return _reader_left()
    except Exception as error:
        return errors.report(error, arguments)
    return result if isinstance(result, int) else 0


def _check_text(arguments: Sequence[str]) -> None:
    """Python keeps bytes that are no UTF-8 as surrogates, which neither JSON nor a URL can carry."""
    given = [("the argument", word) for word in arguments]
    given.append(("ROADBED_ENVIRONMENT", os.environ.get("ROADBED_ENVIRONMENT", "")))
    for what, text in given:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            shown = os.fsencode(text).decode("utf-8", "backslashreplace")
            raise InvalidInput(f"{what} '{shown}' is no UTF-8") from error


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 shows ? for ✓, and no failure
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = errors.INTERRUPTED
    sys.exit(code)


def _reader_left() -> int:
    """`roadbed logs | head` is no failure. What Python still holds for stdout goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    main()
