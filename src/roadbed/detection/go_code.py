"""What a Go module builds and runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from roadbed.detection.domain import WEB, Process, Reading
from roadbed.detection.evidence import evidence, first_line
from roadbed.detection.tree import Tree
from roadbed.kit.names import as_name
from roadbed.workload.document import Place

FILE = "go.mod"
_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_VERSION = re.compile(r"^go\s+(\d+(?:\.\d+)*)", re.MULTILINE)
_REQUIRED = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/\S+)\s+v\d")
_PACKAGE = re.compile(r"^package\s+main\b")
_IN_CMD = re.compile(r"cmd/[\w.-]+/[^/]+\.go")
_IN_BIN = re.compile(r"(?:^|[\s\"'])(?:\./|/app/)?bin/([\w.-]+)")
_SERVES = re.compile(
    r"""\bhttp\.(?:ListenAndServe|Server\{)|"github\.com/(?:gin-gonic|labstack|gofiber|go-chi|gorilla/mux)"""
)


@dataclass(frozen=True, slots=True)
class GoModule:
    """`names` are the modules that it requires; `go` is the version it is written for, `place` where that stands."""

    name: str | None
    go: str | None
    place: Place
    names: Mapping[str, Place] = field(default_factory=dict)

    @property
    def program(self) -> str:
        """What `go install` calls the program at its root: the last part of its name that is no version."""
        return re.sub(r"/v\d+$", "", self.name or "").rpartition("/")[2]


def read_go_module(tree: Tree) -> GoModule | None:
    if (text := tree.text(FILE)) is None:
        return None
    lines = enumerate(text.splitlines(), start=1)
    names = {match[1]: Place(FILE, number, 1) for number, line in lines if (match := _REQUIRED.match(line))}
    module, version = _MODULE.search(text), _VERSION.search(text)
    place = first_line(tree, FILE, _VERSION) or Place(FILE, 1, 1)
    return GoModule(module[1] if module else None, version[1] if version else None, place, names)


def read_go(tree: Tree, module: GoModule) -> Reading | None:
    """The program at the root, else each in `cmd/`."""
    programs = dict(_programs(tree))
    if not programs:
        return None
    alone = len(programs) == 1
    processes = [_process(tree, folder, place, alone=alone) for folder, place in programs.items()]
    return Reading(FILE, name=module.name, processes={process.name: process for process in processes})


def build_of_commands(tree: Tree, module: GoModule, commands: Iterable[str]) -> list[str]:
    """Lines that build what commands start by the name that `go install` gives it: of the folder in `cmd/`, or, at the
    root, of the module.
    """
    started = {word for command in commands for word in _started(command)}
    folders = {path.split("/")[1]: f"./cmd/{path.split('/')[1]}" for path in tree.paths if _IN_CMD.fullmatch(path)}
    programs = {module.program: ".", **folders}
    return [f"go build -o bin/{name} {where}" for name, where in programs.items() if name in started]


def _started(command: str) -> Iterator[str]:
    """`bin/NAME` wherever it stands, and what stands first."""
    yield from _IN_BIN.findall(command)
    yield command.split(maxsplit=1)[0] if command.strip() else ""


def _programs(tree: Tree) -> Iterator[tuple[str, Place]]:
    """Folder → where it begins."""
    files = [path for path in tree.paths if path.endswith(".go") and not path.endswith("_test.go")]
    root = _main(tree, [path for path in files if "/" not in path])
    if root is not None:
        yield ".", root
        return
    folders = sorted({path.rpartition("/")[0] for path in files if _IN_CMD.fullmatch(path)})
    for folder in folders:
        if place := _main(tree, [path for path in files if path.rpartition("/")[0] == folder]):
            yield folder, place


def _main(tree: Tree, paths: list[str]) -> Place | None:
    return next((place for path in paths if (place := first_line(tree, path, _PACKAGE))), None)


def _process(tree: Tree, folder: str, place: Place, *, alone: bool) -> Process:
    written = folder.rpartition("/")[2]
    serves = _serves(tree, folder, place)
    public = serves is not None or (alone and written in (".", "server", "web", "api"))
    name = WEB if alone and public else as_name(written) or ("worker" if alone else f"program-{place.line}")
    program = "app" if folder == "." else name
    return Process(
        name,
        place,
        f"./bin/{program}",
        public=public,
        build=f"go build -o bin/{program} {'.' if folder == '.' else f'./{folder}'}",
        evidence=evidence(tree, *(one for one in (place, serves) if one)),
    )


def _serves(tree: Tree, folder: str, place: Place) -> Place | None:
    """A line that begins to listen: of the program itself, or of a package beside it where it is the root's."""
    own = [path for path in tree.paths if path.endswith(".go") and (folder == "." or path.startswith(f"{folder}/"))]
    return next((found for path in [place.file, *own[:200]] if (found := first_line(tree, path, _SERVES))), None)
