"""Puts an application together from the files of its source tree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from roadbed.kit.errors import Findings, InvalidInput, Problem
from roadbed.workload.application import Application, BuildSettings, WorkloadSettings, read_application
from roadbed.workload.document import parse_documents, plain
from roadbed.workload.domain import File, Workload
from roadbed.workload.reader import nearest
from roadbed.workload.score import read_score

ReadFiles: TypeAlias = Callable[[Collection[str]], Mapping[str, bytes]]
"""Gives the contents of the named files that exist; paths are relative to the source tree."""

APPLICATION_FILES = ("roadbed.yaml", "roadbed.yml")
SCORE_FILES = ("score.yaml", "score.yml")
CATALOG_FILES = ("catalog-info.yaml", "catalog-info.yml")
PROGRAM = "roadbed.py"

_EXAMPLE = "add a score.yaml that says what to run (apiVersion: score.dev/v1b1), or begin with `roadbed new`"


@dataclass(frozen=True, slots=True)
class DeclaredWorkload:
    """A workload, what `roadbed.yaml` adds to it, and the contents of the files that its Score file names."""

    workload: Workload
    settings: WorkloadSettings | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApplicationSource:
    """An application as its source tree declares it.

    `owner` is a group's reference, None when no file names one. `entity` is the Component of `catalog-info.yaml`,
    unchecked: the catalog judges it. `problems` are no errors: what was read and is not in force here. `program`: there
    is a `roadbed.py` that declares more, or all, of it.
    """

    name: str
    owner: str | None
    workloads: Mapping[str, DeclaredWorkload]
    description: str | None = None
    system: str | None = None
    entity: Mapping[str, Any] | None = None
    build: BuildSettings = BuildSettings()
    problems: tuple[Problem, ...] = ()
    program: bool = False


def from_mapping(files: Mapping[str, str]) -> ReadFiles:
    """A ReadFiles over texts in memory."""
    return lambda names: {name: files[name].encode() for name in names if name in files}


def read_source(read: ReadFiles) -> ApplicationSource:
    """Raises InvalidInput with what is wrong in any of the files, or when there is no Score file and no program."""
    found = read([*APPLICATION_FILES, *SCORE_FILES, *CATALOG_FILES, PROGRAM])
    findings = Findings()
    application = _application(found, findings)
    entity = _entity(found, findings)
    workloads = _workloads(application, found, read, findings)
    findings.raise_if_any("the application")
    metadata = (entity or {}).get("metadata")
    spec = (entity or {}).get("spec")
    return ApplicationSource(
        name=_name(application, metadata, workloads),
        owner=(application.owner if application else None) or _text(spec, "owner"),
        workloads=workloads,
        description=(application.description if application else None) or _text(metadata, "description"),
        system=(application.system if application else None) or _text(spec, "system"),
        entity=entity,
        build=application.build if application else BuildSettings(),
        problems=application.not_in_force if application else (),
        program=PROGRAM in found,
    )


def _first(found: Mapping[str, bytes], names: Collection[str], findings: Findings) -> tuple[str, str] | None:
    """The one file of these names that there is, with its text."""
    present = [name for name in names if name in found]
    if len(present) > 1:
        findings.add(Problem(f"{present[0]} and {present[1]} say the same thing", "keep one of them", present[1]))
    return (present[0], _decode(present[0], found[present[0]])) if present else None


def _decode(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("this is not UTF-8 text", file=name) from None


def _collect(findings: Findings, error: InvalidInput) -> None:
    for problem in error.problems or (error.problem,):
        findings.add(problem)


def _application(found: Mapping[str, bytes], findings: Findings) -> Application | None:
    try:
        if (file := _first(found, APPLICATION_FILES, findings)) is not None:
            return read_application(file[1], file=file[0])
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


def _workloads(
    application: Application | None, found: Mapping[str, bytes], read: ReadFiles, findings: Findings
) -> dict[str, DeclaredWorkload]:
    declared = application.workloads if application else {}
    named = {settings.score: settings for settings in declared.values() if settings.score}
    for path, settings in named.items():
        _check_path(path, settings, findings)
    default = next(([name] for name in SCORE_FILES if name in found), [])
    contents = {**found, **read([path for path in named if path not in found])}
    paths = list(named) or default
    if not paths and PROGRAM not in found and not findings.problems:
        raise InvalidInput("there is no Score file in this source tree", hint=_EXAMPLE)
    workloads: dict[str, DeclaredWorkload] = {}
    for path in paths:
        try:
            one = _workload(path, contents, declared, named.get(path), read)
            _check_unique(one.workload, workloads)
            workloads[one.workload.name] = one
        except InvalidInput as error:
            _collect(findings, error)
    if not findings.problems:
        _check_settings(declared, workloads, findings)
        _check_shared(workloads, findings)
    return workloads


def _check_path(path: str, settings: WorkloadSettings, findings: Findings) -> None:
    if path.startswith("/") or ".." in PurePosixPath(path).parts:
        message = f"workloads.{settings.name}.score leads out of the source tree: {path!r}"
        findings.add(settings.place.problem(message, "use a path relative to roadbed.yaml, without `..`"))


def _workload(
    path: str,
    contents: Mapping[str, bytes],
    declared: Mapping[str, WorkloadSettings],
    named_by: WorkloadSettings | None,
    read: ReadFiles,
) -> DeclaredWorkload:
    if path not in contents:
        place = named_by.place if named_by else None
        message = f"{path} is not in the source tree"
        raise place.error(message, "add the file, or mend the path") if place else InvalidInput(message)
    workload = read_score(_decode(path, contents[path]), file=path)
    if named_by and named_by.name != workload.name:
        raise named_by.place.error(
            f"workloads.{named_by.name} names {path}, whose metadata.name is {workload.name!r}",
            "give both the same name",
        )
    return DeclaredWorkload(workload, declared.get(workload.name), _sources(path, workload, read))


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


def _check_unique(workload: Workload, workloads: Mapping[str, DeclaredWorkload]) -> None:
    if workload.name in workloads:
        other = workloads[workload.name].workload.file
        raise workload.place.error(f"{other} has the same metadata.name: {workload.name!r}", "give each its own name")


def _check_settings(
    declared: Mapping[str, WorkloadSettings], workloads: Mapping[str, DeclaredWorkload], findings: Findings
) -> None:
    for name, settings in declared.items():
        if name not in workloads:
            message = f"workloads.{name}: no Score file has the metadata.name {name!r}"
            findings.add(settings.place.problem(message, nearest(name, workloads)))


def _check_shared(workloads: Mapping[str, DeclaredWorkload], findings: Findings) -> None:
    """Definitions of one shared resource must agree where both say something."""
    first: dict[str, tuple[Workload, str]] = {}
    for one in workloads.values():
        for name, resource in one.workload.resources.items():
            if resource.id is None:
                continue
            owner, other_name = first.setdefault(resource.uid(one.workload.name), (one.workload, name))
            other = owner.resources[other_name]
            for what in ("params", "metadata"):
                mine, theirs = getattr(resource, what), getattr(other, what)
                if mine and theirs and mine != theirs:
                    place = f"{other.place.file}:{other.place.line}"
                    message = f"resources.{name} shares the id {resource.id!r} with {place} but has other {what}"
                    findings.add(resource.place.problem(message, "make them equal, or leave them out in one place"))


def _name(application: Application | None, metadata: Any, workloads: Mapping[str, DeclaredWorkload]) -> str:
    if application and application.name:
        return application.name
    if name := _text(metadata, "name"):
        return name
    if len(workloads) == 1:
        return next(iter(workloads))
    raise InvalidInput(
        "the application has several workloads and no name" if workloads else "the application has no name",
        hint="add `metadata: {name: …}` to roadbed.yaml",
        file=application.file if application else None,
    )


def _text(value: Any, key: str) -> str | None:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) and found else None
