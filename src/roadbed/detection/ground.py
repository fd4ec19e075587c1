"""What the files and the code of a tree say, each for itself: what all that is understood of it is made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from roadbed.detection.code import Code, read_code
from roadbed.detection.combine import Combined, combine
from roadbed.detection.domain import Process, Reading, Variable
from roadbed.detection.entered import entered
from roadbed.detection.environment_reads import environment_reads
from roadbed.detection.files import read_files
from roadbed.detection.naming import Named, name_of
from roadbed.detection.projects import without_projects
from roadbed.detection.required import required
from roadbed.detection.runners import Scripts
from roadbed.detection.tree import Below, Tree, below
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place


@dataclass(frozen=True, slots=True)
class Ground:
    """`passed_over` is what is said of files that count for nothing. `reads` are the variables that code reads, `read`
    those of them that somebody may have to give. `below` maps the folders that processes go to, and that list packages
    which the root doesn't, to what their code says; `own` is the tree less the projects that nothing goes to.
    """

    tree: Tree
    readings: list[Reading]
    passed_over: list[Problem]
    combined: Combined
    code: Code
    named: Named
    own: Tree
    below: Mapping[str, Code] = field(default_factory=dict)
    reads: Mapping[str, Place] = field(default_factory=dict)
    read: Mapping[str, Variable] = field(default_factory=dict)

    @property
    def packages(self) -> dict[str, Place]:
        """Every package of every language, the root's first."""
        found = dict(self.code.names)
        for folder, code in self.below.items():
            for name, place in code.names.items():
                found.setdefault(name, replace(place, file=f"{folder}/{place.file}"))
        return found

    def scripts(self, folder: str) -> Scripts:
        inside = below(folder)
        return (read_code(Below(self.tree, inside)) if inside else self.code).scripts


def read_ground(tree: Tree, folder: str | None) -> Ground:
    """`folder` is the application's name where no file says one. Raises InvalidInput for a file that is believed and
    wrong.
    """
    readings, passed_over = read_files(tree)
    own = without_projects(tree)
    code = read_code(own)
    named = name_of(own, readings, code, folder)
    return Ground(tree, readings, passed_over, combine(readings), code, named, own)


def with_folders(ground: Ground, processes: Mapping[str, Process]) -> Ground:
    """With what the code says of the folders that processes go to, and what all of it reads."""
    tree = ground.tree
    folders = list(dict.fromkeys(_folders(tree, processes)))
    own = without_projects(tree, folders)
    codes = {folder: read_code(Below(tree, folder)) for folder in folders}
    suffixes = [suffix for code in (ground.code, *codes.values()) for suffix in code.suffixes]
    read = required(own, tuple(dict.fromkeys(suffixes)))
    return replace(ground, own=own, below=codes, reads=environment_reads(tree), read=read)


def _folders(tree: Tree, processes: Mapping[str, Process]) -> Iterator[str]:
    for process in processes.values():
        if folder := below(process.folder):
            yield folder
        yield from entered(tree.paths, filter(None, (process.command, process.release, process.build)))
