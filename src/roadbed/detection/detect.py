"""A source tree → what it runs, what it needs, and why that is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from roadbed.detection.build_lines import migrations_apart
from roadbed.detection.build_variables import without_variables
from roadbed.detection.code import disagreements
from roadbed.detection.database_tls import demands_tls
from roadbed.detection.domain import Detection, Process
from roadbed.detection.ground import Ground, read_ground, with_folders
from roadbed.detection.making import Build, packages_of_no_list, plan_build
from roadbed.detection.projects import nothing, score_files, unlisted_score
from roadbed.detection.remarks import (
    not_listening,
    not_offered,
    packages_apart,
    untold,
    version_remarks,
    without_address,
    without_password,
)
from roadbed.detection.runners import without_runners
from roadbed.detection.starting import start_all
from roadbed.detection.supply import Supplied, supply, with_asked
from roadbed.detection.tree import Tree
from roadbed.detection.usable import usable
from roadbed.detection.versions import Machine
from roadbed.kit.errors import Findings, Problem


def detect(tree: Tree, folder: str | None = None, machine: Machine | None = None) -> Detection:
    """`folder` is the application's name where no file says one; `machine` gives the versions of its languages, None
    where nothing is known of it.

    Raises InvalidInput for a tree that nothing says anything of, or a file that is believed and can't be read.
    """
    if meant := score_files(tree, depth=1):
        raise unlisted_score(tree, meant)
    ground = read_ground(tree, folder)
    started, notes = _started(ground)
    ground = with_folders(ground, started)
    supplied = supply(ground, started)
    build = plan_build(ground, supplied)
    processes = without_variables(supplied.processes)
    requirements, listed = packages_of_no_list(ground, processes, supplied.needs)
    found = Detection(
        name=ground.named.name,
        named_by=ground.named.by,
        sources=_sources(ground, processes),
        processes=processes,
        description=next((reading.description for reading in ground.readings if reading.description), None),
        variables=with_asked(ground, supplied.variables, build.variables, served=processes),
        needs=supplied.needs,
        build=build.lines,
        build_variables=build.variables,
        build_network=build.network,
        requirements=requirements,
        untold=untold(processes, ground.reads, ground.code),
        notes=_once(
            (*ground.passed_over, *listed, *ground.combined.notes, *notes),
            _remarks(ground, supplied, build, processes, machine),
        ),
    )
    return usable(found)


def _started(ground: Ground) -> tuple[dict[str, Process], list[Problem]]:
    """The processes as they are really started. Raises InvalidInput where nothing says of any."""
    if ground.combined.main is None and ground.code.reading is None and ground.code.wrong is not None:
        raise ground.code.wrong
    processes, notes = start_all(ground.tree, ground.combined, ground.code)
    if not processes:
        left = [problem for reading in ground.readings for problem in reading.unmapped] if notes else []
        Findings([*notes, *left, *ground.passed_over]).raise_if_any("what is to be run")
        raise nothing(ground.tree)
    processes, moved = migrations_apart(ground.tree, processes)
    processes, replaced = without_runners(processes.values(), ground.scripts)
    return processes, [*notes, *moved, *replaced]


def _remarks(
    ground: Ground, supplied: Supplied, build: Build, processes: Mapping[str, Process], machine: Machine | None
) -> Iterator[Problem]:
    """What somebody should know of all of it together."""
    yield from build.unsaid
    yield from supplied.hosts
    yield from demands_tls(ground.own, supplied.needs, ground.named.name)
    if ground.combined.main is None:
        yield from disagreements(ground.code)
    yield from (problem for reading in ground.readings for problem in reading.unmapped)
    yield from not_listening(processes[name] for name in untold(processes, ground.reads, ground.code))
    yield from without_address(processes)
    yield from supplied.left_out
    yield from without_password(supplied.needs, processes, supplied.variables)
    yield from not_offered(supplied.needs)
    yield from packages_apart(ground.tree, processes)
    if machine is not None:
        yield from version_remarks(ground.tree, ground.code, processes, machine)


def _once(*notes: Iterator[Problem] | tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(note for some in notes for note in some))


def _sources(ground: Ground, processes: Mapping[str, Process]) -> tuple[str, ...]:
    """The files that say what runs."""
    evident = (one.place.file for process in processes.values() for one in process.evidence)
    return tuple(dict.fromkeys((*(reading.file for reading in ground.readings), *evident)))
