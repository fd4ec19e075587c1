"""What is understood of a directory without a Score file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from roadbed.cli.source.files import source_files
from roadbed.detection.detect import detect
from roadbed.detection.domain import Detection
from roadbed.detection.languages import Languages
from roadbed.detection.summary import understood
from roadbed.detection.tree import MAX_TEXT, TreeOfFiles
from roadbed.kit.errors import InvalidInput
from roadbed.kit.names import as_name
from roadbed.workload.files import ReadFiles

if TYPE_CHECKING:
    from roadbed.client.models import Understood


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
    """`name` is what the application is called; None takes what the files say, or the directory's name.

    Raises InvalidInput where neither is one.
    """
    folder = root.resolve().name
    found = detect(directory.tree, as_name(folder), Languages())
    if name is not None:
        return found.called(name)
    if not found.named_by:
        raise InvalidInput(
            f"no file says what the application is called, and its folder's name, {folder!r}, can't be one",
            hint="say it: -a NAME, or `metadata: {name: NAME}` in a roadbed.yaml",
        )
    return found


def proposals_of(found: Detection) -> Understood:
    """In the words of the platform, which says the same of what it fetches."""
    return cast("Understood", asdict(understood(found)))
