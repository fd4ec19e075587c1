"""A source tree → what it runs, what it needs, and why that is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from roadbed.detection.build_lines import build_lines, fetches, migrations_apart
from roadbed.detection.build_variables import PUBLIC, build_variables, not_given, without_variables
from roadbed.detection.code import Code, disagreements, read_code
from roadbed.detection.combine import Combined, combine
from roadbed.detection.database_tls import demands_tls
from roadbed.detection.domain import Detection, Need, Process, Reading, Variable
from roadbed.detection.environment_reads import environment_reads
from roadbed.detection.evidence import evidence
from roadbed.detection.files import read_files
from roadbed.detection.needs import fill, from_code, generated
from roadbed.detection.packages import Packages
from roadbed.detection.projects import nothing, score_files, unlisted_score, without_projects
from roadbed.detection.remarks import (
    led_to,
    not_listening,
    not_offered,
    packages_apart,
    version_remarks,
    without_address,
)
from roadbed.detection.required import required
from roadbed.detection.runners import Scripts, without_runners
from roadbed.detection.starting import start_all
from roadbed.detection.tree import Below, Tree, below
from roadbed.detection.usable import usable
from roadbed.detection.versions import Machine
from roadbed.kit.errors import Findings, Problem
from roadbed.kit.names import as_name
from roadbed.workload.document import Place


def detect(tree: Tree, name: str = "app", machine: Machine | None = None) -> Detection:
    """`name` is the application's where no file names it; `machine` gives the versions of its languages, None where
    nothing is known of it.

    Raises InvalidInput for a tree that nothing says anything of, or a file that is believed and can't be read.
    """
    if meant := score_files(tree, depth=1):
        raise unlisted_score(tree, meant)
    readings, passed_over = read_files(tree)
    combined, code = combine(readings), read_code(without_projects(tree))
    if combined.main is None and code.reading is None and code.wrong is not None:
        raise code.wrong
    processes, more = start_all(tree, combined, code)
    if not processes:
        Findings(more).raise_if_any("what is to be run")
        raise nothing(tree)
    processes, moved = migrations_apart(tree, processes)
    processes, replaced = without_runners(processes.values(), lambda folder: _scripts(tree, code, folder))
    reads = environment_reads(tree)
    needs, variables = _needs(tree, readings, combined, code, reads)
    processes = {one.name: fill(one, needs, variables) for one in processes.values()}
    needs, left_out = led_to(needs, processes, variables)
    processes, variables, told = _answering(without_projects(tree), code, processes, variables)
    build = build_lines(processes, combined, code)
    read = required(without_projects(tree), code.suffixes)
    given = build_variables(processes, variables) if build else {}
    given |= _stand_ins(code, read, build, given)
    unsaid = list(not_given(processes, variables, read)) if build else []
    processes = without_variables(processes)
    if any(one.publish is None for one in processes.values()):
        known = {name for one in processes.values() for name in one.variables} | given.keys()
        lacking = {name: one for name, one in read.items() if name not in known and not PUBLIC.fullmatch(name)}
        variables |= {name: one for name, one in lacking.items() if name not in variables}
    requirements, unlisted_notes = _unlisted(without_projects(tree), code.packages, processes, needs)
    notes = [
        *passed_over,
        *unlisted_notes,
        *combined.notes,
        *more,
        *moved,
        *replaced,
        *unsaid,
        *told,
        *demands_tls(without_projects(tree), needs, _name(readings, code, name)),
        *([] if combined.main else disagreements(code)),
        *(problem for reading in readings for problem in reading.unmapped),
        *not_listening(processes, reads, code),
        *without_address(processes),
        *left_out,
        *not_offered(needs),
        *packages_apart(tree, processes),
        *([] if machine is None else version_remarks(tree, code, processes, machine)),
    ]
    found = Detection(
        name=_name(readings, code, name),
        sources=tuple(dict.fromkeys((*(reading.file for reading in readings), *_code_files(processes)))),
        processes=processes,
        description=next((reading.description for reading in readings if reading.description), None),
        variables=variables,
        needs=needs,
        build=build,
        build_variables=given,
        build_network=fetches(build, combined),
        requirements=requirements,
        notes=tuple(dict.fromkeys(notes)),
    )
    return usable(found)


def _scripts(tree: Tree, code: Code, folder: str) -> Scripts:
    inside = below(folder)
    return (read_code(Below(tree, inside)) if inside else code).scripts


def _needs(
    tree: Tree, readings: list[Reading], combined: Combined, code: Code, reads: Mapping[str, Place]
) -> tuple[dict[str, Need], dict[str, Variable]]:
    """Those that files name go before those that only the code speaks of."""
    needs = {
        name: replace(need, evidence=evidence(tree, need.place), stated=True)
        for reading in reversed(readings)
        for name, need in reading.needs.items()
    }
    types = {need.type: need.name for need in needs.values()}
    guessed, filled_by = from_code(tree, code.names, reads)
    variables = dict(combined.variables)
    for variable in filled_by.values():
        need = guessed[str(variable.of)]
        of = types.get(need.type, need.name)
        if variables.get(variable.name, variable).origin in ("asked", "need"):
            given = variables.get(variable.name)
            variables[variable.name] = given if given and given.origin == "need" else replace(variable, of=of)
    needs |= {name: need for name, need in guessed.items() if need.type not in types}
    for variable in generated(reads):
        variables.setdefault(variable.name, variable)
    if code.reading and combined.processes:
        for process in code.reading.processes.values():
            for name, variable in process.variables.items():
                variables.setdefault(name, variable)
    for name, variable in (code.reading.variables if code.reading else {}).items():
        variables.setdefault(name, variable)
    return needs, variables


def _answering(
    tree: Tree, code: Code, processes: Mapping[str, Process], variables: Mapping[str, Variable]
) -> tuple[dict[str, Process], dict[str, Variable], list[Problem]]:
    """With the application's host in the variables that name those which it answers to."""
    if code.reading is None or not any(one.origin == "host" for one in code.reading.variables.values()):
        return dict(processes), dict(variables), []
    from roadbed.detection.django import hosts_of
    from roadbed.detection.django_hosts import answering

    hosts = hosts_of(tree)
    checked = any(check.path for process in processes.values() for check in process.checks)
    shared, notes = answering(variables, hosts, checked=checked)
    found = {}
    for name, process in processes.items():
        own, more = answering(process.variables, hosts, checked=checked)
        found[name] = replace(process, variables=own)
        notes += more
    return found, shared, notes


def _stand_ins(
    code: Code, read: Mapping[str, Variable], build: tuple[str, ...], given: Mapping[str, Variable]
) -> dict[str, Variable]:
    if not any("collectstatic" in line for line in build) or "django" not in code.packages:
        return {}
    from roadbed.detection.django import stand_ins

    said = " ".join(build)
    return {name: one for name, one in stand_ins(read).items() if name not in given and f"{name}=" not in said}


def _unlisted(
    tree: Tree, packages: Packages, processes: Mapping[str, Process], needs: Mapping[str, Need]
) -> tuple[tuple[str, ...], list[Problem]]:
    if packages.manager != "none" or not packages.names:
        return (), []
    from roadbed.detection.unlisted import unlisted

    return unlisted(tree, processes, needs)


def _name(readings: list[Reading], code: Code, name: str) -> str:
    written = [reading.name for reading in readings] + [code.name, name]
    return next((known for one in written if one and (known := as_name(one))), "app")


def _code_files(processes: Mapping[str, Process]) -> Iterator[str]:
    for process in processes.values():
        yield from (one.place.file for one in process.evidence)
