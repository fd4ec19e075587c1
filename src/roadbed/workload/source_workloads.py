"""Reads the workloads of an application from its Score files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.kit.errors import Findings, InvalidInput
from roadbed.workload.application_checks import check_jobs, check_named, check_shared, check_unique
from roadbed.workload.application_domain import Application, WorkloadSettings
from roadbed.workload.declared import DeclaredWorkload, NoScoreFile
from roadbed.workload.document import Node, decode, plain
from roadbed.workload.domain import Workload
from roadbed.workload.files import PROGRAM, SCORE_FILES, ReadFiles
from roadbed.workload.named_files import override_files, source_files
from roadbed.workload.parsing import parse_document
from roadbed.workload.score import overridden, read_tree

_EXAMPLE = "add a score.yaml that says what to run (apiVersion: score.dev/v1b1), or begin with `roadbed new`"


def collect(findings: Findings, error: InvalidInput) -> None:
    """Once: what is wrong in all environments is told of one."""
    for problem in error.problems or (error.problem,):
        if problem not in findings.problems:
            findings.add(problem)


class WorkloadsReader:
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
                collect(self._findings, error)
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
                collect(self._findings, error)

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
            tree = overridden(tree, override_files(settings, contents), settings.properties)
        workload = read_tree(tree, file=path, runs_images=False)
        if named_by and named_by.name != workload.name:
            raise named_by.place.error(
                f"workloads.{named_by.name} names {path}, whose metadata.name is {workload.name!r}",
                "give both the same name",
            )
        return DeclaredWorkload(workload, said.get(workload.name), source_files(path, workload, self._read))


def _of_score(settings: WorkloadSettings) -> tuple[Any, ...]:
    """What they say of a Score file, to be compared: which it is, and what is laid over it, and where."""
    properties = [(each.path, each.place) for each in settings.properties]
    return settings.name, settings.score, settings.overrides, tuple(properties)


def _declared_name(tree: Node) -> str:
    declared = plain(tree)
    metadata = declared.get("metadata") if isinstance(declared, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""
