"""Reads an application's source tree: its Score files where it has some, else what is understood of the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from roadbed.detection.below_root import not_in_the_root
from roadbed.detection.beside import beside
from roadbed.detection.detect import detect
from roadbed.detection.domain import Detection
from roadbed.detection.places import in_the_tree, relocate, relocated
from roadbed.detection.projects import unnamed_but_meant, unnamed_score
from roadbed.detection.rendered import APPLICATION_FILE, CATALOG_FILE, rendered
from roadbed.detection.tree import Tree
from roadbed.detection.versions import Machine
from roadbed.kit.errors import Findings, InvalidInput, Problem
from roadbed.workload.declared import ApplicationSource, NoScoreFile
from roadbed.workload.files import CATALOG_FILES, ReadFiles
from roadbed.workload.parsing import parse_document
from roadbed.workload.source import read_source

UNDERSTOOD = "roadbed.yaml as understood"
"""What the rendered one is called, beside which the tree may have its own."""


@dataclass(frozen=True, slots=True)
class ReadApplication:
    """`detection` is None where Score files or a program say what the application is: then `note` says what else was
    there to say it. `given` are the names of those of its needs that the source has.
    """

    source: ApplicationSource
    detection: Detection | None = None
    given: tuple[str, ...] = ()
    note: Problem | None = None

    @property
    def guessed(self) -> tuple[str, ...]:
        """Those of `given` that no file of its states: they were accepted."""
        return tuple(name for name in self.given if self.detection and name not in self.detection.stated)


def read_application_source(
    read: ReadFiles,
    tree: Tree,
    name: str | None = None,
    *,
    environment: str | None = None,
    machine: Machine | None = None,
    needs: Collection[str] = (),
) -> ReadApplication:
    """`name` is the application's where it is detected; None takes what its files say. `needs` are those of the
    detection that were accepted, beside those that its files state.

    Raises InvalidInput with what is wrong in any of the files, or when nothing says what runs.
    """
    try:
        return _read_as_declared(read_source(read, environment), tree)
    except NoScoreFile:
        found = detect(tree, machine=machine)
        found = found.called(name) if name else found
    given = tuple(dict.fromkeys((*found.stated, *needs)))
    return ReadApplication(_read_rendered(read, found, rendered(found, given), environment), found, given)


def _read_as_declared(source: ApplicationSource, tree: Tree) -> ReadApplication:
    """With what lies beside its files and counts for nothing. Raises InvalidInput where one of them counts on that."""
    workloads = [one.workload for one in source.workloads.values()]
    Findings(list(unnamed_but_meant(tree, workloads))).raise_if_any("the application")
    unnamed = unnamed_score(tree, {workload.file for workload in workloads})
    beside_root = not_in_the_root(source.workloads, tree)
    problems = (*source.problems, *beside_root, *([unnamed] if unnamed else []))
    return ReadApplication(replace(source, problems=problems), note=beside(lambda file: file in tree))


def _read_rendered(
    read: ReadFiles, found: Detection, files: Mapping[str, str], environment: str | None
) -> ApplicationSource:
    """Its places are those of the tree: nobody has the files that were rendered."""
    own = read(CATALOG_FILES)
    lacking = {path: text for path, text in files.items() if path not in own and path != APPLICATION_FILE}
    where = in_the_tree(found, {**lacking, UNDERSTOOD: files[APPLICATION_FILE]})
    try:
        return relocated(read_with(read, files, environment), where)
    except InvalidInput as error:
        relocate(error, where)
        raise


def read_with(read: ReadFiles, files: Mapping[str, str], environment: str | None = None) -> ApplicationSource:
    """With those of `files` that the tree lacks. Its own `roadbed.yaml` is laid over theirs."""
    return read_source(_completed(read, files), environment, parse_document(files[APPLICATION_FILE], UNDERSTOOD))


def _completed(read: ReadFiles, files: Mapping[str, str]) -> ReadFiles:
    lacking = {path: text.encode() for path, text in files.items() if path != APPLICATION_FILE}
    if read(CATALOG_FILES):
        lacking.pop(CATALOG_FILE, None)

    def read_both(names: Collection[str]) -> Mapping[str, bytes]:
        return {**{name: lacking[name] for name in names if name in lacking}, **read(names)}

    return read_both
