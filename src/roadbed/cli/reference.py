"""Writes `docs/reference/cli.md` from the commands themselves: `python -m roadbed.cli.reference [PATH]`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from roadbed.cli.commands import SECTIONS
from roadbed.cli.group import LazyGroup
from roadbed.cli.main import root

_INTRODUCTION = """\
# The command line

Made from the commands by `python -m roadbed.cli.reference`; change it there.

Data goes to stdout, messages and progress to stderr. Every command that shows something takes `-o json` and `-o yaml`;
lists are `{"items": [...]}`. With `-o json` an error is a problem document (RFC 9457) on stderr. `roadbed logs -f` with
`-o json` prints an object on each line. `APP` may be left out in a directory with a `roadbed.yaml` or `score.yaml`.
`STACK` is an application or a platform module in one environment: `NAME@ENV`.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | the operation failed; a failed deploy leaves what stood, a failed apply says what it has done |
| 2 | wrong usage or input |
| 3 | refused: by a permission, a policy, or your own no to a question |
| 4 | not found |
| 5 | can't reach the platform, or not logged in |
| 6 | accepted, and waiting for somebody's approval: `--wait` waits for that, too |
| 130 | interrupted: Ctrl-C while following stops the watching, not the work |

| variable | means |
| --- | --- |
| `ROADBED_URL`, `ROADBED_TOKEN` | which platform, and who asks; else what `roadbed login` kept in `client.json` |
| `ROADBED_HOME` | where the platform of this machine keeps its state |
| `ROADBED_ENVIRONMENT` | the environment when `-e` is left out; else `dev` |
| `NO_COLOR` | no colours |
| `ROADBED_DEBUG` | shows where a bug of the command itself comes from |

`roadbed --install-completion` completes commands, and the names of applications, stacks, environments and golden
paths.
"""


def reference() -> str:
    """The whole page, as Markdown."""
    group = get_command(root)
    if not isinstance(group, LazyGroup):
        raise TypeError("the root is no LazyGroup")
    parts = [_INTRODUCTION]
    for section, names in SECTIONS.items():
        parts.append(f"## {section}\n")
        for name in names:
            parts += _command(group.get_command(None, name), f"roadbed {name}")
    return "\n".join(parts)


def _command(command: Any, path: str) -> Iterator[str]:
    context = typer.Context(command, info_name=path, terminal_width=100)
    yield f"### {path}\n"
    yield f"{command.help.strip()}\n"
    yield f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```\n"
    rows = [row for parameter in command.params if (row := _parameter(parameter, context))]
    if rows:
        yield "| option | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    if command.epilog:
        yield f"```console\n{_examples(command.epilog)}\n```\n"
    for name, child in getattr(command, "commands", {}).items():
        yield from _command(child, f"{path} {name}")


def _parameter(parameter: Any, context: typer.Context) -> str | None:
    record = parameter.get_help_record(context)
    if record is None:
        return None
    words, meaning = (re.sub(r"\s+", " ", text).replace("|", "\\|") for text in record)
    return f"| `{words}` | {meaning} |"


def _examples(epilog: str) -> str:
    return "\n".join(line.removeprefix("  ") for line in epilog.splitlines() if line.startswith("  "))


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference/cli.md")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(reference(), encoding="utf-8")
