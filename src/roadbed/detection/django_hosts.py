"""The hosts that Django answers to: which variables its settings take them from, and where none is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from roadbed.detection.domain import HERE, Variable
from roadbed.detection.python_reads import named
from roadbed.detection.tree import Tree
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

_HOSTS, _ORIGINS = "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"
_CHECKING = "127.0.0.1"
"""The address at which readiness and health are asked about."""


@dataclass(frozen=True, slots=True)
class HostVariable:
    """`separator` stands between several hosts, None where there is one; `origin`: with a scheme before it."""

    name: str
    place: Place
    separator: str | None = None
    origin: bool = False

    @property
    def value(self) -> str:
        if not self.origin:
            return HERE
        return (
            f"{self.separator or ','}".join((f"https://{HERE}", f"http://{HERE}"))
            if self.separator
            else f"https://{HERE}"
        )

    def variable(self) -> Variable:
        return Variable(self.name, self.place, "host", self.value)


def read_hosts(tree: Tree, settings: Iterable[str]) -> tuple[dict[str, HostVariable], Problem | None]:
    """The variables by name; and a note where the first of the settings that names hosts has only its own."""
    found: dict[str, HostVariable] = {}
    note: Problem | None = None
    said = False
    for path in settings:
        for variable, place, hosts in _in_file(path, tree.text(path) or ""):
            if variable is not None:
                found.setdefault(variable.name, variable)
            elif hosts is not None and not said and not found and not _open(hosts):
                message = f"{_HOSTS} has only {', '.join(hosts)}: requests for the application's own host get a 400"
                note = place.problem(message, 'read it from a variable: os.environ.get("ALLOWED_HOSTS", "").split(",")')
            said = said or hosts is not None
    return found, None if found else note


def answering(
    variables: Mapping[str, Variable], hosts: Mapping[str, HostVariable], *, checked: bool
) -> tuple[dict[str, Variable], list[Problem]]:
    """With the application's host where it is asked for, and beside hosts that a file names for another platform.

    What is `checked` by a page must answer under the address that asks for it, too.
    """
    found, notes = dict(variables), []
    for name, host in hosts.items():
        variable = variables.get(name)
        if variable is None or variable.origin not in ("asked", "value", "host") or "*" in (variable.value or ""):
            continue
        stated = variable.origin == "value" and variable.value
        given = [str(variable.value)] if stated and host.separator else []
        beside = [_CHECKING] if checked and host.separator and not host.origin else []
        value = (host.separator or "").join((*given, host.value, *beside))
        found[name] = replace(variable, origin="host", value=value)
        if stated:
            message = (
                f"{name} names hosts of another platform; the application's own is {'added' if given else 'taken'}"
            )
            notes.append(variable.place.problem(message))
    return found, notes


def _open(hosts: list[str]) -> bool:
    """To any host, or to those below `localhost`, which an application has here; Django adds these when it debugs."""
    return not hosts or any(host in ("*", ".localhost") for host in hosts)


def _in_file(path: str, text: str) -> Iterator[tuple[HostVariable | None, Place, list[str] | None]]:
    """A variable, or hosts that stand there, with the place of either."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    assigned = {one.targets[0].id: one.value for one in ast.walk(module) if _is_plain(one)}  # type: ignore[attr-defined]
    for target, value in _set(module):
        place = Place(path, value.lineno, 1)
        named_here = [assigned[one.id] for one in ast.walk(value) if isinstance(one, ast.Name) and one.id in assigned]
        reads = [read for one in (value, *named_here) for read in named(one)]
        for name, node in reads:
            if not any(isinstance(one, ast.Constant) and one.value == "*" for one in ast.walk(node)):
                separator = _separator(value) or next((mark for one in named_here if (mark := _separator(one))), None)
                yield HostVariable(name, place, separator, target == _ORIGINS), place, None
        if not reads and target == _HOSTS and isinstance(value, ast.List):
            yield None, place, [str(getattr(one, "value", "…")) for one in value.elts]


def _set(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What is assigned to a list of hosts, or added to it."""
    for node in ast.walk(module):
        if isinstance(node, ast.Assign | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id in (_HOSTS, _ORIGINS):
                yield target.id, node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner = node.func.value
            if (
                isinstance(owner, ast.Name)
                and owner.id in (_HOSTS, _ORIGINS)
                and node.func.attr in ("append", "extend")
            ):
                yield owner.id, node.args[0]


def _is_plain(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)


def _separator(value: ast.expr) -> str | None:
    """By which a text becomes a list: `.split(" ")`; a comma where a library does it."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
            mark = getattr(node.args[0], "value", ",") if node.args else " "
            return mark if isinstance(mark, str) else ","
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("list", "Csv"):
            return ","
    return None
