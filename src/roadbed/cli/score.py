"""`roadbed score`: what a Score file says, and what is wrong with it. Needs no platform."""

from __future__ import annotations

import codecs
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from roadbed.cli.errors import render
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import Output
from roadbed.cli.score_checks import Checked, verdicts
from roadbed.cli.style import Style
from roadbed.kit.errors import InvalidInput

STANDARD_INPUT = Path("-")
"""What it holds lies in the current directory, for what its files name."""

app = command_group()
score = command_group(
    epilog=examples(
        "roadbed score validate score.yaml worker/score.yaml",
        "roadbed score explain score.yaml",
        "roadbed score explain score.yaml --override-property containers.main.image=.",
    )
)
app.add_typer(score, name="score")

OverrideFiles: TypeAlias = Annotated[
    list[Path] | None, typer.Option("--overrides-file", metavar="FILE", help="Lay it over the Score file; repeatable.")
]
Properties: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--override-property", metavar="PATH=VALUE", help="Set a property after that, or take it away; repeatable."
    ),
]


@score.callback()
def about() -> None:
    """Check Score files, and show what they say."""


@score.command(
    "validate",
    cls=PlainCommand,
    epilog=examples(
        "roadbed score validate score.yaml",
        "roadbed score validate */score.yaml -o json",
        "roadbed score validate score.yaml --overrides-file score.prod.yaml",
    ),
)
def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The Score files; `-` reads standard input.")],
    overrides_file: OverrideFiles = None,
    override_property: Properties = None,
    output: Output = Format.text,
) -> None:
    """Check Score files: everything that is wrong, with its line. Ends with 2 if anything is.

    Files that are named together must agree on the resources that they share.
    """
    layers = Layers(tuple(overrides_file or ()), tuple(override_property or ()))
    checked = verdicts([_checked(file, layers) for file in files])
    valid = all(each["valid"] for each in checked)
    show({"valid": valid, "files": checked}, output, _verdicts)
    if not valid:
        raise typer.Exit(InvalidInput.exit_code)


@score.command(
    "explain",
    cls=PlainCommand,
    epilog=examples(
        "roadbed score explain score.yaml",
        "roadbed score explain score.yaml --overrides-file score.prod.yaml -o json",
    ),
)
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The Score file; `-` reads standard input.")],
    overrides_file: OverrideFiles = None,
    override_property: Properties = None,
    output: Output = Format.text,
) -> None:
    """Show what a Score file says, with its overrides, defaults and what each placeholder refers to."""
    from roadbed.cli.score_view import explanation_view
    from roadbed.workload.document import plain
    from roadbed.workload.explained import explain as explain_workload
    from roadbed.workload.score import read_tree

    tree = Layers(tuple(overrides_file or ()), tuple(override_property or ())).over(file)
    workload = read_tree(tree, file=str(file), has=_beside(file))
    show(
        explain_workload(workload, plain(tree), lambda source: _is_text(file.parent / source)), output, explanation_view
    )


@dataclass(frozen=True, slots=True)
class Layers:
    """What is laid over a Score file."""

    files: tuple[Path, ...]
    properties: tuple[str, ...]

    def over(self, file: Path) -> Any:
        """The file's tree. Raises InvalidInput for what can't be read."""
        from roadbed.workload.overrides import read_property
        from roadbed.workload.parsing import parse_document
        from roadbed.workload.score import overridden

        tree = parse_document(read_text(file), str(file))
        return overridden(
            tree,
            [(str(each), read_text(each)) for each in self.files],
            [read_property(each) for each in self.properties],
        )


def _checked(file: Path, layers: Layers) -> Checked:
    from roadbed.workload.score import read_tree

    try:
        return Checked(file, read_tree(layers.over(file), file=str(file), runs_images=False, has=_beside(file)))
    except InvalidInput as error:
        return Checked(file, None, error.problems or (error.problem,))


def read_text(path: Path) -> str:
    """The text of a file, or of `-`, of the size that a declaration may have. Raises InvalidInput for anything else."""
    from roadbed.workload.document import MAX_BYTES, decode

    try:
        if path == STANDARD_INPUT:
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        elif not stat.S_ISREG(path.stat().st_mode):
            raise InvalidInput("this is no file that can be read", file=str(path), hint="name a Score file")
        else:
            with path.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidInput(f"can't be read: {reason}", file=str(path)) from error
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"this file has more than {MAX_BYTES:,} bytes", file=str(path))
    return decode(content, str(path))


def _beside(file: Path) -> Callable[[str], bool]:
    """Whether a file is there that a Score file puts into containers."""

    def is_there(source: str) -> bool:
        try:
            return (file.parent / source).is_file()
        except OSError:  # a name that no file can have
            return False

    return is_there


def _is_text(path: Path) -> bool:
    """Of a file that is there. What is too large for a container is not read to its end."""
    from roadbed.workload.contents import LARGEST

    try:
        with path.open("rb") as opened:
            codecs.getincrementaldecoder("utf-8")().decode(opened.read(LARGEST))
    except (OSError, UnicodeDecodeError):
        return False
    return True


def _verdicts(found: dict[str, Any], style: Style) -> str:
    return "\n".join(line for each in found["files"] for line in _verdict(each, style))


def _verdict(checked: dict[str, Any], style: Style) -> list[str]:
    lines = [_noted(each) for each in checked["notes"]]
    if checked["valid"]:
        return [f"{style.paint('✓', 'green', 'bold')} {checked['file']}: the workload {checked['workload']}", *lines]
    for each in checked["problems"]:
        place = {key: each.get(key) for key in ("hint", "file", "line", "column")}
        lines.append(render(InvalidInput(each["detail"], **place), style))
    return lines


def _noted(note: dict[str, Any]) -> str:
    return f"note: {note['file']}:{note['line']}: {note['detail']} ({note['hint']})"
