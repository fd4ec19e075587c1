"""What processes are given: the servers that they need, and the variables that files, code and needs say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from roadbed.detection.build_variables import PUBLIC
from roadbed.detection.domain import Need, Process, Variable, is_secret
from roadbed.detection.evidence import evidence
from roadbed.detection.ground import Ground
from roadbed.detection.needs import fill, from_code, generated
from roadbed.detection.remarks import led_to
from roadbed.kit.errors import Problem


@dataclass(frozen=True, slots=True)
class Supplied:
    """`variables` are those of all processes. `left_out` says which needs nothing leads to, `hosts` which variables
    name the hosts that the application answers to.
    """

    processes: Mapping[str, Process]
    needs: Mapping[str, Need]
    variables: Mapping[str, Variable]
    left_out: list[Problem]
    hosts: list[Problem]


def supply(ground: Ground, processes: Mapping[str, Process]) -> Supplied:
    needs, guessed = _needs(ground)
    variables = _variables(ground, needs, guessed)
    filled = {one.name: fill(one, needs, variables) for one in processes.values()}
    led, left_out = led_to(needs, filled, variables)
    answering, shared, hosts = _answering(ground, filled, variables)
    return Supplied(answering, led, shared, left_out, hosts)


def with_asked(
    ground: Ground, variables: Mapping[str, Variable], given: Mapping[str, Variable], *, served: Mapping[str, Process]
) -> dict[str, Variable]:
    """With what the code must have and nobody says: neither a process that is `served` by it, nor its build."""
    if all(one.publish is not None for one in served.values()):
        return dict(variables)
    known = {name for one in served.values() for name in one.variables} | given.keys()
    lacking = {name: one for name, one in ground.read.items() if name not in known and not PUBLIC.fullmatch(name)}
    image = _of_image(ground) if lacking else {}
    return {**variables, **{name: image.get(name, one) for name, one in lacking.items() if name not in variables}}


def _of_image(ground: Ground) -> dict[str, Variable]:
    """What a Dockerfile gives that nothing runs by: a Procfile says what runs, say. A secret is asked for."""
    if "Dockerfile" not in ground.tree:
        return {}
    from roadbed.detection.dockerfile_image import read_image

    variables = read_image(ground.tree, "Dockerfile").variables
    return {name: one for name, one in variables.items() if not is_secret(name)}


def _needs(ground: Ground) -> tuple[dict[str, Need], dict[str, Variable]]:
    """Those that files name go before those that only the code speaks of; and the variables that lead to the latter."""
    stated = {
        name: replace(need, evidence=evidence(ground.tree, need.place), stated=True)
        for reading in reversed(ground.readings)
        for name, need in reading.needs.items()
    }
    types = {need.type: need.name for need in stated.values()}
    guessed, filled_by = from_code(ground.tree, ground.packages, ground.reads)
    leading = {
        name: replace(variable, of=types.get(guessed[str(variable.of)].type, variable.of))
        for name, variable in filled_by.items()
    }
    return stated | {name: need for name, need in guessed.items() if need.type not in types}, leading


def _variables(ground: Ground, needs: Mapping[str, Need], guessed: Mapping[str, Variable]) -> dict[str, Variable]:
    """Of all processes: a file's own first, then those that lead to needs, secrets that are made, the code's own."""
    variables = dict(ground.combined.variables)
    for name, variable in guessed.items():
        given = variables.get(name)
        if given is None or given.origin == "asked":
            variables[name] = variable
    for variable in generated(ground.reads):
        variables.setdefault(variable.name, variable)
    reading = ground.code.reading
    if reading is not None:
        own = [process.variables for process in reading.processes.values()] if ground.combined.processes else []
        for said in (*own, reading.variables):
            for name, variable in said.items():
                variables.setdefault(name, variable)
    return variables


def _answering(
    ground: Ground, processes: Mapping[str, Process], variables: Mapping[str, Variable]
) -> tuple[dict[str, Process], dict[str, Variable], list[Problem]]:
    """With the application's host in the variables that name those which it answers to."""
    reading = ground.code.reading
    if reading is None or not any(one.origin == "host" for one in reading.variables.values()):
        return dict(processes), dict(variables), []
    from roadbed.detection.django import hosts_of
    from roadbed.detection.django_hosts import answering

    hosts = hosts_of(ground.own)
    checked = any(check.path for process in processes.values() for check in process.checks)
    shared, notes = answering(variables, hosts, checked=checked)
    found = {}
    for name, process in processes.items():
        own, more = answering(process.variables, hosts, checked=checked)
        found[name] = replace(process, variables=own)
        notes += more
    return found, shared, notes
