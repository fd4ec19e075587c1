"""Resources that leave the state, or go to another place in it: what becomes of them and of those beside them. Pure.

A component is taken together with all that it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from roadbed.engine.domain import Recorded
from roadbed.kit.errors import Conflict, InvalidInput, Problem

State = Mapping[str, Recorded]
"""Rows by key."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to: a stack, and, for one resource, its new path within it (`main/subnet`)."""

    stack: str
    path: str | None = None

    @classmethod
    def parse(cls, text: str) -> Place:
        stack, _, path = text.partition("/")
        if any(not part or "#" in part or not part.isprintable() for part in path.split("/")) and path:
            raise InvalidInput(f"{path!r} is no path of a resource", hint="write it as web/db")
        return cls(stack, path or None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`gone` are the keys that leave the state; `rows` those that are written anew in it."""

    gone: frozenset[str]
    rows: tuple[Recorded, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """`renamed` maps the URNs of what moves; `moved` are its rows by their old key, still sealed for their old URN."""

    renamed: Mapping[str, str]
    moved: Mapping[str, Recorded]
    left: Outcome


def with_contents(urns: Iterable[str], state: State) -> frozenset[str]:
    """These, and what the components among them hold."""
    chosen = frozenset(urns)
    inside = tuple(f"{_path(row.urn)}/" for row in state.values() if row.urn in chosen and row.kind == "component")
    return chosen | frozenset(row.urn for row in state.values() if inside and row.urn.startswith(inside))


def forget(urns: frozenset[str], state: State, *, force: bool = False) -> Outcome:
    """Raises Conflict, naming them, when others depend on what goes, unless by `force`: then they don't any more."""
    users = _users(urns, state)
    if users and not force:
        raise Conflict(
            f"{_listed(users)} depend{'s' if len(users) == 1 else ''} on what is to be forgotten",
            hint="forget them, too, or say --force: then they are taken not to depend on it",
        )
    rows = tuple(_without(row, urns) for row in _others(urns, state))
    return Outcome(frozenset(key for key, row in state.items() if row.urn in urns), rows)


def without(urns: frozenset[str], state: State) -> dict[str, Recorded]:
    """The state with no row that names one of them: the same objects where none did."""
    return {key: _without(row, urns) if _uses(row) & urns else row for key, row in state.items()}


def _without(row: Recorded, urns: frozenset[str]) -> Recorded:
    options = replace(row.options, provider=None) if row.options.provider in urns else row.options
    return replace(row, depends_on=row.depends_on - urns, options=options)


def move(urns: frozenset[str], state: State, source: str, to: Place, there: State) -> Move:
    """`urns` with their contents, from `source` to a place; `there` is the state of that stack.

    Raises Conflict when something there has the name already, or when, between stacks, one that goes and one that stays
    depend on each other; InvalidInput when a path is given to more than one resource.
    """
    urns = with_contents(urns, state)
    renamed = _renamed(urns, state, source, to)
    within = source == to.stack
    taken = {row.urn for row in there.values()} - (urns if within else frozenset())
    if clash := sorted(taken.intersection(renamed.values())):
        raise Conflict(f"{clash[0]} is there already", hint="choose another path, or move that one away first")
    if not within:
        _check_alone(urns, state)
    moved = {key: _called(row, renamed) for key, row in state.items() if row.urn in urns}
    return Move(renamed, moved, Outcome(frozenset(moved), tuple(_left(urns, state, renamed, within=within))))


def _renamed(urns: frozenset[str], state: State, source: str, to: Place) -> dict[str, str]:
    roots = sorted(urn for urn in urns if not any(_holds(other, urn, state) for other in urns))
    if to.path is not None and len(roots) != 1:
        raise InvalidInput(
            f"{len(roots)} resources can't all be called {to.path!r}",
            hint="name one resource, or a stack alone",
        )
    old = _path(roots[0]) if to.path is not None else source
    new = f"{to.stack}/{to.path}" if to.path is not None else to.stack
    renamed = {urn: f"{new}{urn.removeprefix(old)}" for urn in sorted(urns)}
    if all(was == urn for was, urn in renamed.items()):
        raise InvalidInput(f"{_listed(roots)} is there already", hint="name another stack, or another path in this one")
    return renamed


def _left(urns: frozenset[str], state: State, renamed: Mapping[str, str], *, within: bool) -> Iterable[Recorded]:
    """Rows that stay and name one that moved: they follow it within the stack; a component lets it go to another."""
    for row in _others(urns, state):
        yield _called(row, renamed) if within else replace(row, depends_on=row.depends_on - urns)


def _check_alone(urns: frozenset[str], state: State) -> None:
    problems = [Problem(f"{user} depends on what is to be moved, and stays") for user in _users(urns, state)]
    for row in state.values():
        if row.urn in urns:
            stay = sorted(_uses(row) - urns)
            problems += [Problem(f"{row.urn} is to be moved, and depends on {other}, which stays") for other in stay]
    if problems:
        raise Conflict(
            "resources of one stack can't depend on those of another",
            hint="move them together, or let the one stack export what the other imports",
            problems=problems,
        )


def _called(row: Recorded, renamed: Mapping[str, str]) -> Recorded:
    """The row with every URN in it by its new name."""
    urn = renamed.get(row.urn, row.urn)
    provider = row.options.provider
    return replace(
        row,
        urn=urn,
        name=_path(urn).rpartition("/")[2],
        depends_on=frozenset(renamed.get(other, other) for other in row.depends_on),
        options=replace(row.options, provider=renamed.get(provider, provider)) if provider else row.options,
    )


def _others(urns: frozenset[str], state: State) -> Iterable[Recorded]:
    """Rows beside `urns` that name one of them."""
    return (row for row in state.values() if row.urn not in urns and _uses(row) & urns)


def _users(urns: frozenset[str], state: State) -> list[str]:
    """Those that depend on one of them and aren't among them; a component that merely holds it does not count."""
    used = (
        row.urn
        for row in _others(urns, state)
        if not (
            row.kind == "component" and all(_path(urn).startswith(f"{_path(row.urn)}/") for urn in _uses(row) & urns)
        )
    )
    return sorted(set(used))


def _uses(row: Recorded) -> frozenset[str]:
    return row.depends_on | {row.options.provider} if row.options.provider else row.depends_on


def _holds(holder: str, urn: str, state: State) -> bool:
    row = state.get(holder)
    return holder != urn and row is not None and row.kind == "component" and urn.startswith(f"{_path(holder)}/")


def _path(urn: str) -> str:
    """`orders@dev/web/db`: everything before the type."""
    return urn.partition("#")[0]


def _listed(urns: list[str]) -> str:
    return ", ".join(urns[:5]) + (f" and {len(urns) - 5} more" if len(urns) > 5 else "")
