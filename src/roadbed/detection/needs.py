"""What a tree can't do without: a driver among its packages, and a variable that leads to the server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from roadbed.detection.domain import Need, Part, Process, Variable
from roadbed.detection.evidence import evidence
from roadbed.detection.need_variables import (
    DEFAULT_NAMES,
    DRIVERS,
    LEADING,
    READ_BY_CLIENTS,
    VARIABLES,
    beside,
    drivers_in,
)
from roadbed.detection.tree import Tree
from roadbed.workload.document import Place

GENERATED = re.compile(r"(?:\w+_)?(?:SECRET_KEY|SECRET_KEY_BASE|SESSION_SECRET|COOKIE_SECRET|JWT_SECRET|APP_SECRET)")
"""Secrets that only the application itself uses. Keys to other people's services don't end so."""
_FOREIGN_KEYS = re.compile(r"AWS|STRIPE|GOOGLE|GITHUB|CLIENT|S3|OAUTH|TWILIO|PAYPAL|FACEBOOK|RECAPTCHA|AZURE|WEBHOOK")
_URL = re.compile(r"\b(postgres(?:ql)?(?:\+\w+)?|rediss?|valkey)://")


def from_code(
    tree: Tree, packages: Mapping[str, Place], reads: Mapping[str, Place]
) -> tuple[dict[str, Need], dict[str, Variable]]:
    """The needs by name, and the variables that they would fill."""
    needs: dict[str, Need] = {}
    variables: dict[str, Variable] = {}
    for type_ in DRIVERS:
        drivers = list(drivers_in(packages, type_))
        read = {name: part for name, part in VARIABLES[type_].items() if name in reads}
        leading = [name for name, part in read.items() if part in LEADING]
        if not drivers or not leading:
            continue
        places = [reads[leading[0]], packages[drivers[0]]]
        need = Need(DEFAULT_NAMES[type_], type_, places[0], evidence(tree, *places))
        needs[need.name] = need
        for name, part in _filled(type_, read).items():
            place = reads.get(name, places[0])
            variables[name] = Variable(name, place, "need", _form(tree, place), of=need.name, part=part)
    return needs, variables


def _filled(type_: str, read: Mapping[str, Part]) -> dict[str, Part]:
    return {**read, **{name: VARIABLES[type_][name] for name in READ_BY_CLIENTS.get(type_, ())}}


def _form(tree: Tree, place: Place) -> str | None:
    """How the line that reads a URL writes one, as its default: `postgresql+asyncpg://…`."""
    for one in evidence(tree, place):
        if match := _URL.search(one.says):
            return f"{match[1]}://"
    return None


def generated(reads: Mapping[str, Place]) -> Iterator[Variable]:
    """Secrets that the code reads and that nobody needs to choose."""
    for name, place in reads.items():
        if GENERATED.fullmatch(name) and not _FOREIGN_KEYS.search(name):
            yield Variable(name, place, "generated")


def fill(process: Process, needs: Mapping[str, Need], shared: Mapping[str, Variable]) -> Process:
    """Beside a variable that leads to a need stand its user, its password: a file's own values for them go, too."""
    variables = {**shared, **process.variables}
    used = {variable.of for variable in variables.values() if variable.origin == "need"}
    known = {
        name: (need.name, part)
        for need in needs.values()
        if need.name in used
        for name, part in VARIABLES.get(need.type, {}).items()
    }
    known |= _beside(variables.values(), needs)
    found = dict(process.variables)
    for name, variable in variables.items():
        if variable.origin not in ("value", "asked") or name not in known:
            continue
        of, part = known[name]
        if variable.origin == "asked" or part != "url":
            found[name] = replace(variable, origin="need", value=None, of=of, part=part)
    return replace(process, variables=found)


def _beside(variables: Iterable[Variable], needs: Mapping[str, Need]) -> dict[str, tuple[str, Part]]:
    """By the name of a variable that stands beside one which names a need's host, whatever both are called."""
    found: dict[str, tuple[str, Part]] = {}
    for leading in variables:
        need = needs.get(str(leading.of)) if leading.origin == "need" and leading.part == "host" else None
        if need is not None and need.type in DRIVERS:
            parts = beside(leading.name).items()
            found |= {name: (need.name, part) for name, part in parts if need.type == "postgres" or part != "name"}
    return found


def standing(needs: Iterable[tuple[str, str]], resources: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The names of those needs that a stack has resources for; both are given by name and type.

    What holds data was accepted once: it is not left out, and so deleted, because nobody accepts it again.
    """
    there = {(name, type_.partition(":")[0]) for name, type_ in resources}
    return tuple(name for name, type_ in needs if (name, type_.partition("-")[0]) in there)
