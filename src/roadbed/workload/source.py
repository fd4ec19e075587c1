"""Puts an application together from the files of its source tree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from roadbed.kit.errors import Findings, InvalidInput, Problem
from roadbed.workload.application import Application, BuildSettings, WorkloadSettings, application_of
from roadbed.workload.application_checks import check_jobs, check_named, check_shared, check_unique
from roadbed.workload.document import Node, Place, decode, plain
from roadbed.workload.domain import File, Text, Workload
from roadbed.workload.files import APPLICATION_FILES, CATALOG_FILES, PROGRAM, SCORE_FILES, ReadFiles
from roadbed.workload.jobs import JobSettings
from roadbed.workload.overrides import merged
from roadbed.workload.parsing import parse_document, parse_documents
from roadbed.workload.score import overridden, read_tree
from roadbed.workload.shell_words import not_replaced

NOTHING = Workload("", APPLICATION_FILES[0], Place(APPLICATION_FILES[0], 1, 1), {}, {})
"""What an application without `roadbed.yaml` has for all its workloads."""

_EXAMPLE = "add a score.yaml that says what to run (apiVersion: score.dev/v1b1), or begin with `roadbed new`"


@dataclass(frozen=True, slots=True)
class DeclaredWorkload:
    """A workload, what `roadbed.yaml` adds to it, and the contents of the files that its Score file names."""

    workload: Workload
    settings: WorkloadSettings | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApplicationSource:
    """An application as its source tree declares it for one environment.

    `owner` is a group's reference, None when no file names one; `owner_place` is where `roadbed.yaml` does. `entity` is
    the Component of `catalog-info.yaml`, unchecked: the catalog judges it. `problems` are no errors: what was read and
    is not in force here; nor are `removed`: what the environment's layer takes away. `program`: there is a `roadbed.py`
    that declares more, or all of it. `common`, `variables`, `environments` and `jobs` are those of `roadbed.yaml`: what
    belongs to all workloads, and what runs by the clock.
    """

    name: str
    owner: str | None
    workloads: Mapping[str, DeclaredWorkload]
    description: str | None = None
    system: str | None = None
    entity: Mapping[str, Any] | None = None
    common: Workload = field(default=NOTHING)
    variables: Mapping[str, Text] = field(default_factory=dict)
    environments: Mapping[str, Place] = field(default_factory=dict)
    jobs: Mapping[str, JobSettings] = field(default_factory=dict)
    build: BuildSettings = field(default_factory=BuildSettings)
    problems: tuple[Problem, ...] = ()
    removed: tuple[Problem, ...] = ()
    program: bool = False
    owner_place: Place | None = None


class NoScoreFile(InvalidInput):
    """No file says what to run, by which the tree itself may be asked."""


def read_source(read: ReadFiles, environment: str | None = None, under: Node | None = None) -> ApplicationSource:
    """The application as it is in `environment`, or with no environment's layer. `under` is what its `roadbed.yaml` is
    laid over.

    Raises InvalidInput with what is wrong in any of the files, or when there is no Score file and no program.
    """
    found = read([*APPLICATION_FILES, *SCORE_FILES, *CATALOG_FILES, PROGRAM])
    findings = Findings()
    application = _application(found, under, environment, findings)
    entity = _entity(found, findings)
    workloads = _Workloads(application, found, read, findings).read()
    findings.raise_if_any("the application")
    metadata = (entity or {}).get("metadata")
    spec = (entity or {}).get("spec")
    own = application or Application(NOTHING)
    return ApplicationSource(
        name=_name(own, metadata, workloads),
        owner=own.owner.value if own.owner else _text(spec, "owner"),
        owner_place=own.owner.place if own.owner else None,
        workloads=workloads,
        description=own.description or _text(metadata, "description"),
        system=own.system or _text(spec, "system"),
        entity=entity,
        common=own.common,
        variables=own.variables,
        environments=own.environments,
        jobs=own.jobs,
        build=own.build,
        problems=(*own.not_in_force, *(note for one in workloads.values() for note in not_replaced(one.workload))),
        removed=own.removed,
        program=PROGRAM in found,
    )


def _first(found: Mapping[str, bytes], names: Collection[str], findings: Findings) -> tuple[str, str] | None:
    """The one file of these names that there is, with its text."""
    present = [name for name in names if name in found]
    if len(present) > 1:
        findings.add(Problem(f"{present[0]} and {present[1]} say the same thing", "keep one of them", present[1]))
    return (present[0], decode(found[present[0]], present[0])) if present else None


def _collect(findings: Findings, error: InvalidInput) -> None:
    """Once: what is wrong in all environments is told of one."""
    for problem in error.problems or (error.problem,):
        if problem not in findings.problems:
            findings.add(problem)


def _application(
    found: Mapping[str, bytes], under: Node | None, environment: str | None, findings: Findings
) -> Application | None:
    try:
        if (file := _first(found, APPLICATION_FILES, findings)) is not None:
            root = parse_document(file[1], file[0])
            return application_of(root if under is None else merged(under, root), file[0], environment)
        if under is not None:
            return application_of(under, under.place.file, environment)
    except InvalidInput as error:
        _collect(findings, error)
    return None


def _entity(found: Mapping[str, bytes], findings: Findings) -> dict[str, Any] | None:
    """The first Component of the catalog file."""
    try:
        if (file := _first(found, CATALOG_FILES, findings)) is not None:
            entities = [plain(document) for document in parse_documents(file[1], file[0])]
            return next((item for item in entities if _text(item, "kind") == "Component"), None)
    except InvalidInput as error:
        _collect(findings, error)
    return None


class _Workloads:
    """Reads the workloads of an application, and collects what is wrong with any of them."""

    def __init__(
        self, application: Application | None, found: Mapping[str, bytes], read: ReadFiles, findings: Findings
    ) -> None:
        self._settings = application.workloads if application else {}
        self._application, self._found, self._findings = application, found, findings
        self._read = read

    def read(self) -> dict[str, DeclaredWorkload]:
        named = {each.score: each for each in self._settings.values() if each.score}
        paths = self._paths(named)
        if not paths and PROGRAM not in self._found and not self._findings.problems:
            raise NoScoreFile("there is no Score file in this source tree", hint=_EXAMPLE)
        everywhere = [*self._settings.values(), *self._elsewhere()]
        wanted = {each.score for each in everywhere if each.score}
        wanted |= {text.value for each in everywhere for text in each.overrides}
        contents = {**self._found, **self._read(sorted(wanted - self._found.keys()))}
        workloads: dict[str, DeclaredWorkload] = {}
        for path in paths:
            try:
                one = self._workload(path, contents, named.get(path), self._settings)
                check_unique(one.workload, [each.workload for each in workloads.values()])
                workloads[one.workload.name] = one
            except InvalidInput as error:
                _collect(self._findings, error)
        self._check_elsewhere(contents)
        self._cross_check([each.workload for each in workloads.values()])
        return workloads

    def _elsewhere(self) -> list[WorkloadSettings]:
        """What other environments say of Score files otherwise than this one."""
        here = {_of_score(each) for each in self._settings.values()}
        others = [each for one in (self._application.elsewhere if self._application else ()) for each in one.values()]
        found = {_of_score(each): each for each in others}
        return [each for said, each in found.items() if said not in here]

    def _check_elsewhere(self, contents: Mapping[str, bytes]) -> None:
        for each in self._elsewhere():
            path = each.score or next((name for name in SCORE_FILES if name in self._found), None)
            if path is None:
                continue  # which is told of here, too
            try:
                self._workload(path, contents, each if each.score else None, {each.name: each})
            except InvalidInput as error:
                _collect(self._findings, error)

    def _cross_check(self, workloads: list[Workload]) -> None:
        if self._application is not None:
            if not self._findings.problems:  # else a name may be missing only because its file can't be read
                names = [each.name for each in workloads]
                check_named(self._application, names, self._findings)
                check_jobs(self._application, names, self._findings)
            check_shared([self._application.common, *workloads], self._findings)
        else:
            check_shared(workloads, self._findings)

    def _paths(self, named: Mapping[str, WorkloadSettings]) -> list[str]:
        """The Score files: those that are named, and the one at its usual place unless every workload names one."""
        default = next((name for name in SCORE_FILES if name in self._found), None)
        unnamed = not named or any(each.score is None for each in self._settings.values())
        return [*named, *([default] if default and default not in named and unnamed else [])]

    def _workload(
        self,
        path: str,
        contents: Mapping[str, bytes],
        named_by: WorkloadSettings | None,
        said: Mapping[str, WorkloadSettings],
    ) -> DeclaredWorkload:
        """`said` are settings by the workload's name, `named_by` those that name the file."""
        if path not in contents:
            assert named_by is not None  # noqa: S101 - the others were found
            raise named_by.place.error(f"{path} is not in the source tree", "add the file, or mend the path")
        tree = parse_document(decode(contents[path], path), path)
        settings = named_by or said.get(_declared_name(tree))
        if settings is not None:
            tree = overridden(tree, _override_files(settings, contents), settings.properties)
        workload = read_tree(tree, file=path, runs_images=False)
        if named_by and named_by.name != workload.name:
            raise named_by.place.error(
                f"workloads.{named_by.name} names {path}, whose metadata.name is {workload.name!r}",
                "give both the same name",
            )
        return DeclaredWorkload(workload, said.get(workload.name), _sources(path, workload, self._read))


def _of_score(settings: WorkloadSettings) -> tuple[Any, ...]:
    """What they say of a Score file, to be compared: which it is, and what is laid over it, and where."""
    properties = [(each.path, each.place) for each in settings.properties]
    return settings.name, settings.score, settings.overrides, tuple(properties)


def _declared_name(tree: Node) -> str:
    declared = plain(tree)
    return _text(declared.get("metadata"), "name") or "" if isinstance(declared, dict) else ""


def _override_files(settings: WorkloadSettings, contents: Mapping[str, bytes]) -> list[tuple[str, str]]:
    missing = [each for each in settings.overrides if each.value not in contents]
    problems = [
        each.place.problem(f"{each.value} is not in the source tree", "add the file, or mend the path")
        for each in missing
    ]
    Findings(problems).raise_if_any("roadbed.yaml")
    return [(each.value, decode(contents[each.value], each.value)) for each in settings.overrides]


def _sources(path: str, workload: Workload, read: ReadFiles) -> dict[str, bytes]:
    """The contents of the files that a Score file puts into its containers, by the path it names them with."""
    folder = PurePosixPath(path).parent
    wanted: dict[str, File] = {
        file.source: file
        for container in workload.containers.values()
        for file in container.files.values()
        if file.source is not None
    }
    found = read([str(folder / source) for source in wanted]) if wanted else {}
    missing = [file for source, file in wanted.items() if str(folder / source) not in found]
    if missing:
        problems = [
            file.place.problem(f"{file.source} is not in the source tree", "add the file, or mend the path")
            for file in missing
        ]
        Findings(problems).raise_if_any(path)
    return {source: found[str(folder / source)] for source in wanted}


def _name(application: Application, metadata: Any, workloads: Mapping[str, DeclaredWorkload]) -> str:
    if application.name:
        return application.name
    if name := _text(metadata, "name"):
        return name
    if len(workloads) == 1:
        return next(iter(workloads))
    raise InvalidInput(
        "the application has several workloads and no name" if workloads else "the application has no name",
        hint="add `metadata: {name: …}` to roadbed.yaml",
        file=None if application.common is NOTHING else application.common.file,
    )


def _text(value: Any, key: str) -> str | None:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) and found else None
