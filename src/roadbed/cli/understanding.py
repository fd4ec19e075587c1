"""What is understood of a directory without a Score file, and which of its needs are to be added."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from roadbed.cli.output import confirmed, say, style
from roadbed.cli.source.files import source_files
from roadbed.cli.text import clean
from roadbed.detection.detect import detect
from roadbed.detection.domain import Detection, Need
from roadbed.detection.foreign import as_name
from roadbed.detection.languages import Languages
from roadbed.detection.places import Where, in_the_tree
from roadbed.detection.rendered import rendered
from roadbed.detection.source import completing
from roadbed.detection.summary import compact, need_line
from roadbed.detection.tree import MAX_TEXT, TreeOfFiles
from roadbed.kit.errors import InvalidInput
from roadbed.workload.source import ReadFiles

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Directory:
    """`tree` holds the source's files and no links; `read` gives those of them that are named."""

    tree: TreeOfFiles
    read: ReadFiles


def open_directory(root: Path) -> Directory:
    """Raises InvalidInput for what can't be shipped."""
    files = {file.path: file for file in source_files(root) if file.link is None}

    def content(path: str) -> bytes | None:
        try:
            return (root / path).read_bytes() if files[path].size <= MAX_TEXT else None
        except OSError as error:
            raise InvalidInput(f"can't be read: {error.strerror}", file=path) from error

    def read(names: Collection[str]) -> Mapping[str, bytes]:
        return {name: found for name in names if name in files and (found := content(name)) is not None}

    return Directory(TreeOfFiles(list(files), content), read)


def detect_in(root: Path, directory: Directory, name: str | None) -> Detection:
    """`name` is what the application is called; None takes what the files say, or the directory's name."""
    found = detect(directory.tree, as_name(root.resolve().name) or "app", Languages())
    return found if name is None else found.called(name)


def completed(directory: Directory, found: Detection, needs: Collection[str]) -> dict[str, bytes]:
    """The files that the directory lacks, by path."""
    return completing(directory.read, rendered(found, needs))


def placing(directory: Directory, found: Detection, added: Mapping[str, bytes]) -> Where:
    """From places in those files to the directory's own. One that it has itself is its own."""
    return in_the_tree(found, {path: text.decode() for path, text in added.items() if not directory.read([path])})


def accepted_needs(
    found: Detection, *, yes: bool, asks: bool, hint: str = "`--yes` adds it", known: Collection[str] = ()
) -> list[str]:
    """Which of the needs are added: all with `yes`, those that a file states or that are there already, and those that
    the person wants.

    `hint` says how to add what was left out.
    """
    wanted: list[str] = []
    for need in found.needs.values():
        if yes or need.stated or need.name in known or (asks and confirmed(_question(need))):
            wanted.append(need.name)
        else:
            say(f"{need.type} is left out: {hint}")
    return wanted


def _question(need: Need) -> str:
    return f"{clean(need_line(need))}. Add it?"


def show_understood(found: Detection) -> None:
    """In a few lines, on stderr."""
    paint = style().paint
    verb = "says" if len(found.sources) == 1 else "say"
    say(f"No Score file here. What {clean(', '.join(found.sources[:4]))} {verb}:")
    lines = compact(found)
    for line in lines[:_SHOWN]:
        say(f"  {paint(clean(line), 'dim') if line.startswith('note:') else clean(line)}")
    if len(lines) > _SHOWN:
        say(f"  and {len(lines) - _SHOWN} more: `roadbed init` shows them all")
