"""What a tree's own code says that it runs, in whichever language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roadbed.detection.domain import Reading
from roadbed.detection.go_code import GoModule, read_go, read_go_module
from roadbed.detection.node_commands import read_node_commands
from roadbed.detection.node_packages import NodePackages, read_node
from roadbed.detection.python_commands import read_python
from roadbed.detection.python_packages import Packages, read_packages
from roadbed.detection.ruby_code import Gems, read_gems, read_ruby
from roadbed.detection.static_site import read_static_site
from roadbed.detection.tree import Tree
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.workload.document import Place


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
        return written or (self.go.name.rpartition("/")[2] if self.go and self.go.name else None)

    @property
    def build(self) -> tuple[str, ...]:
        """Lines for a shell: of what runs, and a Node tree's build beside another language."""
        own = [process.build for process in self.reading.processes.values()] if self.reading else []
        aside = self.node.build if self.node else None
        return tuple(dict.fromkeys(line for line in (*own, aside) if line))


def read_code(tree: Tree) -> Code:
    """Never raises: what is wrong in a `package.json` stands in `wrong`."""
    packages, go, gems = read_packages(tree), read_go_module(tree), read_gems(tree)
    node, wrong = None, None
    try:
        node = read_node(tree)
    except InvalidInput as error:
        wrong = error
    readings = [
        reading
        for reading in (
            read_ruby(tree, gems) if gems else None,
            read_go(tree, go) if go else None,
            read_python(tree, packages),
            read_node_commands(tree, node) if node else None,
        )
        if reading is not None
    ]
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
