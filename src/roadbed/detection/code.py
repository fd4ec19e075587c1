"""What a tree's own code says that it runs, in whichever language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from roadbed.detection.domain import Reading
from roadbed.detection.packages import Packages
from roadbed.detection.runners import Scripts, of_entry_point
from roadbed.detection.static_site import read_static_site
from roadbed.detection.tree import Tree
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.workload.document import Place

if TYPE_CHECKING:
    from roadbed.detection.go_code import GoModule
    from roadbed.detection.node_packages import NodePackages
    from roadbed.detection.ruby_code import Gems

_OF_PYTHON = (".py", "requirements.txt", "pyproject.toml", "Pipfile", "setup.cfg")
"""How the paths end of what says something about Python."""
_OF_NODE = (".js", ".mjs", ".cjs")


@dataclass(frozen=True, slots=True)
class Code:
    """`reading` is what is taken, None where nothing is known to run. `others` are what was not; `wrong` is what a
    file of packages has wrong.

    `languages` maps those that are needed to where that shows.
    """

    packages: Packages
    node: NodePackages | None = None
    go: GoModule | None = None
    gems: Gems | None = None
    reading: Reading | None = None
    others: tuple[Reading, ...] = ()
    languages: Mapping[str, Place] = field(default_factory=dict)
    wrong: InvalidInput | None = None

    @property
    def names(self) -> dict[str, Place]:
        """Every package of every language."""
        found: dict[str, Place] = {}
        for names in (self.packages.names, self.node and self.node.names, self.go and self.go.names):
            found.update(names or {})
        return found | dict(self.gems.names if self.gems else {})

    @property
    def name(self) -> str | None:
        written = self.packages.name or (self.node.name if self.node else None)
        return written or (self.go.program or None if self.go else None)

    @property
    def build(self) -> tuple[str, ...]:
        """Lines for a shell: of what runs, and a Node tree's build beside another language."""
        own = [process.build for process in self.reading.processes.values()] if self.reading else []
        aside = self.node.build if self.node else None
        return tuple(dict.fromkeys(line for line in (*own, aside) if line))

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the files end that are read where this runs."""
        file = next(iter(self.reading.processes.values())).place.file if self.reading else ""
        python = (".py",) if self.packages.manager != "none" or file.endswith(".py") else ()
        return (*python, ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".mts", "bin/www") if self.node else python

    @property
    def scripts(self) -> Scripts:
        """What package managers find by name."""
        own = self.packages.scripts
        entries = own if self.packages.manager == "pipenv" else {name: of_entry_point(to) for name, to in own.items()}
        node = self.node
        return Scripts(
            {name: line for name, line in entries.items() if line},
            frozenset(node.scripts if node else ()),
            node.brought if node else frozenset(),
        )


def read_code(tree: Tree) -> Code:
    """Never raises: what is wrong in a `package.json` stands in `wrong`."""
    gems, of_ruby = _ruby(tree)
    go, of_go = _go(tree)
    packages, of_python = _python(tree)
    try:
        (node, of_node), wrong = _node(tree), None
    except InvalidInput as error:
        (node, of_node), wrong = (None, None), error
    readings = [reading for reading in (of_ruby, of_go, of_python, of_node) if reading is not None]
    readings.sort(key=lambda reading: not _serves(reading))
    if not readings and (static := read_static_site(tree)) is not None:
        readings = [static]
    places = {
        "node": node.place if node and (node.start or node.build) else None,
        "go": go.place if go else None,
        "ruby": Place("Gemfile", 1, 1) if gems else None,
    }
    return Code(
        packages,
        node,
        go,
        gems,
        readings[0] if readings else None,
        tuple(readings[1:]),
        {language: place for language, place in places.items() if place},
        wrong,
    )


def _ruby(tree: Tree) -> tuple[Gems | None, Reading | None]:
    if "Gemfile" not in tree:
        return None, None
    from roadbed.detection.ruby_code import read_gems, read_ruby

    gems = read_gems(tree)
    return gems, read_ruby(tree, gems) if gems else None


def _go(tree: Tree) -> tuple[GoModule | None, Reading | None]:
    if "go.mod" not in tree:
        return None, None
    from roadbed.detection.go_code import read_go, read_go_module

    module = read_go_module(tree)
    return module, read_go(tree, module) if module else None


def _python(tree: Tree) -> tuple[Packages, Reading | None]:
    if not any(path.endswith(_OF_PYTHON) or path.startswith("requirements/") for path in tree.paths):
        return Packages(), None
    from roadbed.detection.python_commands import read_python
    from roadbed.detection.python_packages import read_packages

    packages = read_packages(tree)
    return packages, read_python(tree, packages)


def _node(tree: Tree) -> tuple[NodePackages | None, Reading | None]:
    if "package.json" not in tree and not any(path.endswith(_OF_NODE) for path in tree.paths if "/" not in path):
        return None, None
    from roadbed.detection.node_commands import read_node_commands
    from roadbed.detection.node_packages import read_node

    node = read_node(tree)
    return node, read_node_commands(tree, node) if node else None


def _serves(reading: Reading) -> bool:
    return any(process.public and process.command for process in reading.processes.values())


def disagreements(code: Code) -> list[Problem]:
    """What else the tree could run, and that it isn't."""
    if code.reading is None:
        return []
    taken = next(iter(code.reading.processes.values())).place
    return [
        process.place.problem(
            f"this could run, too; what {taken.file} says is taken",
            "say it in a Procfile to have both: a line a process, `name: command`",
        )
        for reading in code.others
        for process in list(reading.processes.values())[:1]
        if process.command
    ]
