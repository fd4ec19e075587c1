"""Puts an application together from the files of its source tree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from roadbed.kit.errors import Findings, InvalidInput, Problem
from roadbed.workload.application import application_of
from roadbed.workload.application_domain import Application
from roadbed.workload.declared import NOTHING, ApplicationSource, DeclaredWorkload
from roadbed.workload.document import Node, decode, plain
from roadbed.workload.files import APPLICATION_FILES, CATALOG_FILES, PROGRAM, SCORE_FILES, ReadFiles
from roadbed.workload.overrides import merged
from roadbed.workload.parsing import parse_document, parse_documents
from roadbed.workload.shell_words import not_replaced
from roadbed.workload.source_workloads import WorkloadsReader, collect


def read_source(read: ReadFiles, environment: str | None = None, under: Node | None = None) -> ApplicationSource:
    """The application as it is in `environment`, or with no environment's layer. `under` is what its `roadbed.yaml` is
    laid over.

    Raises InvalidInput with what is wrong in any of the files, or when there is no Score file and no program.
    """
    found = read([*APPLICATION_FILES, *SCORE_FILES, *CATALOG_FILES, PROGRAM])
    findings = Findings()
    application = _application(found, under, environment, findings)
    entity = _entity(found, findings)
    workloads = WorkloadsReader(application, found, read, findings).read()
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
        collect(findings, error)
    return None


def _entity(found: Mapping[str, bytes], findings: Findings) -> dict[str, Any] | None:
    """The first Component of the catalog file."""
    try:
        if (file := _first(found, CATALOG_FILES, findings)) is not None:
            entities = [plain(document) for document in parse_documents(file[1], file[0])]
            return next((item for item in entities if _text(item, "kind") == "Component"), None)
    except InvalidInput as error:
        collect(findings, error)
    return None


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
