"""The one place that turns what went wrong into a message and an exit code.

Exit codes: 0 done, 1 the operation failed, 2 wrong usage or input, 3 refused, 4 not found, 5 can't reach the platform
or not logged in, 6 accepted, and waiting for an approval; 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import typer

from roadbed.cli.output import say
from roadbed.cli.style import PLAIN, Style, is_terminal, style_of
from roadbed.kit.errors import InvalidInput, OperationFailed, Problem, RoadbedError

INTERRUPTED = 130


def render(error: RoadbedError, style: Style = PLAIN) -> str:
    """What happened, where, and what to do; then each of its parts, where there are several."""
    lines = _problem_lines(error.problem, style, mark=style.paint("✗", "red", "bold") + " ")
    for problem in error.problems:
        lines += ["  " + line for line in _problem_lines(problem, style, mark="")]
    return "\n".join(lines)


def _problem_lines(problem: Problem, style: Style, *, mark: str) -> list[str]:
    place = style.paint(problem.place, "bold") + ": " if problem.place else ""
    first, *rest = problem.message.splitlines() or [""]
    lines = [f"{mark}{place}{first}", *(f"  {line}" for line in rest)]
    if problem.hint:
        lines += [f"  {style.paint('→', 'cyan')} {line}" for line in problem.hint.splitlines()[:1]]
        lines += [f"    {line}" for line in problem.hint.splitlines()[1:]]
    return lines


def report(error: BaseException, arguments: Sequence[str]) -> int:
    """Tells the person, or the program that asked for JSON; returns the exit code."""
    known = as_roadbed_error(error)
    if wants_json(arguments):
        say(json.dumps(known.to_dict(), ensure_ascii=False))
    else:
        say(render(known, style_of(sys.stderr)))
    return known.exit_code


def wants_json(arguments: Sequence[str]) -> bool:
    """Read off the words themselves: wrong usage is found before the options are parsed."""
    joined = " ".join(arguments)
    return any(f"{option}json" in joined for option in ("-o ", "-o", "--output ", "--output="))


def shows_progress(json_asked: bool) -> bool:
    """Who asked for JSON gets nothing else on stderr, unless a person is looking at it."""
    return not json_asked or is_terminal(sys.stderr)


def as_roadbed_error(error: BaseException) -> RoadbedError:
    if isinstance(error, RoadbedError):
        return error
    if isinstance(error, typer.TyperException):
        return _usage_error(error)
    if isinstance(error, OSError) and error.filename:
        return InvalidInput(f"{error.strerror}: {error.filename}")
    return _bug(error)


def _usage_error(error: typer.TyperException) -> RoadbedError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "roadbed"
    message = error.format_message().rstrip(".")
    return InvalidInput(message[:1].lower() + message[1:], hint=f"see `{command} --help`")


def _bug(error: BaseException) -> RoadbedError:
    """Something that nobody foresaw. ROADBED_DEBUG=1 shows where it comes from."""
    if os.environ.get("ROADBED_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return OperationFailed(
        f"this is a bug in the roadbed command: {type(error).__name__}: {error}{place}",
        hint="run it again with ROADBED_DEBUG=1 for the details; do client and platform have the same version?",
    )
