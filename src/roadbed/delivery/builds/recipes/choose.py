"""source tree → recipe. Pure: decides how a tree is built, and under which digests."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.recipes.compiled import go, ruby
from roadbed.delivery.builds.recipes.folders import Below, with_folders
from roadbed.delivery.builds.recipes.node import node, node_alone
from roadbed.delivery.builds.recipes.own_project import LAYER, own_part, own_project
from roadbed.delivery.builds.recipes.parts import COMMAND_TIMEOUT_S, Part, Step, Tree, digest
from roadbed.delivery.builds.recipes.python import imported, python, python_alone
from roadbed.delivery.builds.recipes.static import PROGRAM, static
from roadbed.detection.projects import NOT_BUILT
from roadbed.kit.errors import InvalidInput

_LANGUAGES: tuple[Callable[[Tree, Machine], Part | None], ...] = (python, node, go, ruby)
_NAMED = re.compile(r"(?<![\w./-])(?:(python3?)|(node|npm|npx))(?![\w./-])")
_ALONE: Mapping[str, Callable[[Tree, Machine], Part]] = {"python": python_alone, "node": node_alone}
_PAGES = ("index.html", "public/index.html", "Staticfile", "static.json")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the application says of its build. `commands` None leaves them to be found; `secrets` are names,
    `variables` are what its commands find set beside them. `network`: its commands have it.

    `application` is whose build it is. `runs` are the words of what it runs, `ports` those that it listens on.
    `requirements` are the Python packages that its code imports and no file lists.
    """

    application: str | None = None
    commands: tuple[tuple[str, ...], ...] | None = None
    secrets: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    ports: Collection[int] = ()
    requirements: tuple[str, ...] = ()
    network: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to build a tree: its parts in order, each with the digest of its layer, then the commands."""

    parts: tuple[Part, ...]
    layers: tuple[str, ...]
    commands: tuple[Step, ...]
    secrets: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    network: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say of it before it is built."""
        fetched = "the commands of this build have the network: what they fetch is in no lock file"
        plain = "nothing lists packages: the files are taken as they are, and run with the programs of this machine"
        return (
            *(note for part in self.parts for note in part.notes),
            *([fetched] if self.network else []),
            *([] if self.parts or self.commands else [plain]),
        )

    def artifact(self, source: str, shown: Collection[str] = ()) -> str:
        """The digest of what this recipe makes of a source.

        `shown` names variables that are set: which of the secrets its commands are shown decides it, no value does.
        """
        commands = [command.arguments for command in self.commands]
        secrets = [name for name in self.secrets if name in shown]
        given: dict[str, Any] = {"variables": dict(self.variables)} if commands and self.variables else {}
        if self.network:
            given["network"] = True
        if any(part.folder for part in self.parts):
            given["folders"] = [part.folder for part in self.parts]
        if self.ports:
            given["ports"] = self.ports
        return digest({"source": source, "layers": self.layers, "commands": commands, "secrets": secrets, **given})

    def to_dict(self) -> dict[str, Any]:
        return {
            "parts": [
                {"language": part.language, "version": part.version, "layer": layer}
                | ({"dependencies": part.inputs["dependencies"]} if "dependencies" in part.inputs else {})
                | ({"manager": part.inputs["manager"]} if "manager" in part.inputs else {})
                | ({"folder": part.folder} if part.folder else {})
                | ({"unlocked": part.unlocked} if part.unlocked else {})
                for part, layer in zip(self.parts, self.layers, strict=True)
            ],
            "commands": [list(command.arguments) for command in self.commands],
            **({"network": True} if self.network else {}),
            "secrets": list(self.secrets),
            "variables": dict(self.variables),
        }


def choose(source: str, tree: Tree, machine: Machine, wishes: Wishes | None = None) -> Recipe:
    """Raises InvalidInput for a tree that nothing here can build, or that wants what the machine lacks."""
    wishes = wishes or Wishes()
    parts = [part for language in _LANGUAGES if (part := language(tree, machine)) is not None]
    if len(parts) > 1:
        parts = [part for part in parts if not _stray(part, tree)]
    if wishes.requirements:
        parts = [imported(tree, machine, wishes.requirements) if _lists_none(part) else part for part in parts]
    said = (*wishes.runs, *(word for command in wishes.commands or () for word in command))
    parts = with_folders(parts, tree, machine, said)
    parts = [one for part in parts for one in _with_own(part, tree)]
    parts += _named(parts, tree, machine, wishes)
    if any(PROGRAM in word for word in wishes.runs) or (not parts and any(page in tree.paths for page in _PAGES)):
        parts.append(static(machine, alone=not parts))
    if not parts and wishes.commands is None:
        _check_plain(tree, wishes)
    owner = wishes.application if wishes.secrets else None
    return Recipe(
        parts=tuple(parts),
        layers=tuple(part.layer(source, owner) for part in parts),
        commands=_commands(parts, wishes),
        secrets=wishes.secrets,
        ports=tuple(sorted(set(wishes.ports))),
        variables=wishes.variables,
        network=wishes.network and bool(wishes.commands),
    )


def _check_plain(tree: Tree, wishes: Wishes) -> None:
    """Files that nothing lists packages for are what an application is made of where it says what they run."""
    if (other := next((file for file in NOT_BUILT if file in tree.paths), None)) is not None:
        message = f"{other} is of {NOT_BUILT[other]}, which nothing here can build"
        raise InvalidInput(message, hint="say what builds it, or `[]`, in roadbed.yaml: build.commands", file=other)
    if not wishes.runs:
        raise InvalidInput(
            "there is nothing here that can be built, and no container has a command",
            hint="say what runs in the Score file: `command`; packages of Python, Node, Go and Ruby are installed "
            "where the root lists them, or a folder that a command goes to by `cd FOLDER`",
        )


def _with_own(part: Part, tree: Tree) -> Iterator[Part]:
    """A Python project itself beside the packages that it lists."""
    project = own_project(Below(tree, part.folder) if part.folder else tree) if part.language == "python" else None
    if project is None:
        yield part
    else:
        path = f"{part.environment['PYTHONPATH']}:{LAYER}/lib"
        yield replace(part, environment={**part.environment, "PYTHONPATH": path})
        yield own_part(project)


def _stray(part: Part, tree: Tree) -> bool:
    """A script or two in Python below a project of another language make no Python project."""
    return _lists_none(part) and not any("/" not in p for p in tree.paths if p.endswith(".py"))


def _named(parts: list[Part], tree: Tree, machine: Machine, wishes: Wishes) -> Iterator[Part]:
    """The languages that commands name and nothing else in the tree speaks of, as the machine has them."""
    there = {part.language for part in parts}
    words = (*wishes.runs, *(word for command in wishes.commands or () for word in command))
    for language in sorted(_languages(words) - there):
        yield _ALONE[language](tree, machine)


def _languages(words: Iterable[str]) -> set[str]:
    found = (match for word in words for match in _NAMED.finditer(word))
    return {"python" if match[1] else "node" for match in found}


def _lists_none(part: Part) -> bool:
    return part.inputs.get("dependencies") == "none"


def _commands(parts: list[Part], wishes: Wishes) -> tuple[Step, ...]:
    if wishes.commands is None:
        return tuple(command for part in _node_first(parts) for command in part.commands)
    return tuple(Step(f"Running {_shown(words)}", words, COMMAND_TIMEOUT_S) for words in wishes.commands)


def _node_first(parts: list[Part]) -> list[Part]:
    """Pages are bundled before what collects static files gathers them."""
    return sorted(parts, key=lambda part: part.language != "node")


def _shown(words: tuple[str, ...]) -> str:
    return words[2] if words[:2] == ("sh", "-c") and len(words) == 3 else " ".join(words)
