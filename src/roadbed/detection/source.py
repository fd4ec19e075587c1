"""Reads an application's source tree: its Score files where it has some, else what is understood of the rest."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from roadbed.detection.beside import beside
from roadbed.detection.detect import detect
from roadbed.detection.domain import Detection
from roadbed.detection.places import in_the_tree, relocate, relocated
from roadbed.detection.rendered import APPLICATION_FILE, CATALOG_FILE, rendered
from roadbed.detection.tree import Tree
from roadbed.detection.versions import Machine
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.workload.application import read_application
from roadbed.workload.document import parse_document, plain
from roadbed.workload.overrides import merged
from roadbed.workload.source import (
    APPLICATION_FILES,
    CATALOG_FILES,
    PROGRAM,
    SCORE_FILES,
    ApplicationSource,
    NoScoreFile,
    ReadFiles,
    read_source,
)


@dataclass(frozen=True, slots=True)
class ReadApplication:
    """`detection` is None where Score files or a program say what the application is: then `note` says what else was
    there to say it. `given` are the names of those of its needs that the source has.
    """

    source: ApplicationSource
    detection: Detection | None = None
    given: tuple[str, ...] = ()
    note: Problem | None = None


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
        return ReadApplication(read_source(read, environment), note=beside(lambda file: file in tree))
    except NoScoreFile:
        found = detect(tree, machine=machine)
        found = found.called(name) if name else found
    given = tuple(dict.fromkeys((*found.stated, *needs)))
    return ReadApplication(_read_rendered(read, found, rendered(found, given), environment), found, given)


def _read_rendered(
    read: ReadFiles, found: Detection, files: Mapping[str, str], environment: str | None
) -> ApplicationSource:
    """Its places are those of the tree: nobody has the files that were rendered."""
    own = read([*APPLICATION_FILES, *CATALOG_FILES])
    where = in_the_tree(found, {path: text for path, text in files.items() if path not in own})
    try:
        return relocated(read_source(laid_under(read, files), environment), where)
    except InvalidInput as error:
        relocate(error, where)
        raise


def says_what_runs(read: ReadFiles) -> bool:
    """Whether Score files or a program do, so that the tree isn't asked. A `roadbed.yaml` that can't be read might."""
    found = read([*APPLICATION_FILES, *SCORE_FILES, PROGRAM])
    if any(name in found for name in (*SCORE_FILES, PROGRAM)):
        return True
    for file in (name for name in APPLICATION_FILES if name in found):
        try:
            application = read_application(found[file].decode("utf-8-sig"), file=file)
        except (InvalidInput, UnicodeDecodeError):
            return True
        if any(workload.score for workload in application.workloads.values()):
            return True
    return False


def laid_under(read: ReadFiles, files: Mapping[str, str]) -> ReadFiles:
    """`files` where the tree has none of that name; a `roadbed.yaml` of the tree's is laid over theirs."""
    under = completing(read, files)

    def read_both(names: Collection[str]) -> Mapping[str, bytes]:
        given = {name: under[name] for name in names if name in under}
        return {**given, **read([name for name in names if name not in under])}

    return read_both


def completing(read: ReadFiles, files: Mapping[str, str]) -> dict[str, bytes]:
    """What of `files` the tree lacks, and its `roadbed.yaml` with what theirs says beside it."""
    own = read([*APPLICATION_FILES, *CATALOG_FILES])
    under = {path: text.encode() for path, text in files.items() if path not in own}
    if any(name in own for name in CATALOG_FILES):
        under.pop(CATALOG_FILE, None)
    for file in (name for name in APPLICATION_FILES if name in own):
        under.pop(APPLICATION_FILE, None)
        under[file] = _merged(own[file].decode("utf-8-sig"), files[APPLICATION_FILE], file)
    return under


def _merged(own: str, under: str, file: str) -> bytes:
    """What is wrong in the tree's own file is told at its place, before it is laid over the other."""
    read_application(own, file=file)
    whole = merged(parse_document(under, file), parse_document(own, file))
    return json.dumps(plain(whole)).encode()
