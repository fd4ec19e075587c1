"""Which of a tree's variables its build is given, as other platforms give theirs: those that are no secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from roadbed.detection.domain import Process, Variable, front, is_secret
from roadbed.kit.errors import Problem

PUBLIC = re.compile(r"(?:VITE|NEXT_PUBLIC|REACT_APP|NUXT_PUBLIC|PUBLIC|VUE_APP|GATSBY|EXPO_PUBLIC|NG_APP)_\w+")
"""What bundlers write into pages. No secret is called so."""
_OWN = re.compile(
    r"PORT|HOST|HOME|PATH|CI|NODE_ENV|RAILS_ENV|RACK_ENV|LANG|PWD|USER|TMPDIR|PYTHON(?!_)\w*|(?:PYTHON|NODE|RUBY|GO)_VERSION|LD_\w+|UV_\w+"
)
"""What a build sets itself, or what would change its tools."""


def build_variables(processes: Mapping[str, Process], shared: Mapping[str, Variable]) -> dict[str, Variable]:
    """Those with a value, by name: where processes differ, that of the one which gets the requests."""
    first = front(processes)
    ordered = sorted(processes.values(), key=lambda process: process.name != first)
    found: dict[str, Variable] = {}
    for variables in (*(process.variables for process in ordered), shared):
        for name, variable in variables.items():
            if variable.origin == "value" and variable.value is not None and _is_given(name):
                found.setdefault(name, variable)
    return found


def without_variables(processes: Mapping[str, Process]) -> dict[str, Process]:
    """What serves files reads no variables: those of its pages are the build's."""
    return {name: replace(one, variables={}) if one.publish is not None else one for name, one in processes.items()}


def not_given(
    processes: Mapping[str, Process], shared: Mapping[str, Variable], read: Mapping[str, Variable]
) -> Iterator[Problem]:
    """What pages are made with and no file says, or is known only once something runs; `read` by the code."""
    stated = {name: one for process in processes.values() for name, one in process.variables.items()} | dict(shared)
    for name, variable in {**read, **stated}.items():
        if PUBLIC.fullmatch(name) and (variable.origin != "value" or variable.value is None):
            message = f"{name} is written into the pages when they are built, and has no value then"
            hint = f"give it one in roadbed.yaml: `build: {{variables: {{{name}: …}}}}`"
            yield variable.place.problem(message, hint)


def _is_given(name: str) -> bool:
    return PUBLIC.fullmatch(name) is not None or not (_OWN.fullmatch(name) or is_secret(name))
