"""Whether an application's own files say what runs."""

from __future__ import annotations

from roadbed.kit.errors import InvalidInput
from roadbed.workload.files import APPLICATION_FILES, PROGRAM, SCORE_FILES, ReadFiles


def says_what_runs(read: ReadFiles) -> bool:
    """Whether Score files or a program do, so that the tree isn't asked. A `roadbed.yaml` that can't be read might."""
    found = read([*APPLICATION_FILES, *SCORE_FILES, PROGRAM])
    if any(name in found for name in (*SCORE_FILES, PROGRAM)):
        return True
    return any(_names_score_files(found[file], file) for file in APPLICATION_FILES if file in found)


def _names_score_files(content: bytes, file: str) -> bool:
    from roadbed.workload.application import read_application

    try:
        application = read_application(content.decode("utf-8-sig"), file=file)
    except (InvalidInput, UnicodeDecodeError):
        return True
    return any(workload.score for workload in application.workloads.values())
