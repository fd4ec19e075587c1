"""What `roadbed score validate` says of files that can each be read: what a platform would refuse in any case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadbed.cli.score_contracts import check_contracts
from roadbed.kit.errors import Findings, Problem

if TYPE_CHECKING:
    from roadbed.workload.domain import Workload


@dataclass(frozen=True, slots=True)
class Checked:
    """A file, and what it says or what is wrong with it. `notes` are no errors."""

    file: Path
    workload: Workload | None
    problems: Sequence[Problem] = ()
    notes: Sequence[Problem] = ()

    def to_dict(self) -> dict[str, Any]:
        sound = self.workload is not None and not self.problems
        return {
            "file": str(self.file),
            "workload": self.workload.name if self.workload and sound else None,
            "valid": sound,
            "problems": [_problem(each) for each in self.problems],
            "notes": [_problem(each) for each in self.notes],
        }


def verdicts(checked: Sequence[Checked]) -> list[dict[str, Any]]:
    """Of files that are named at once: they are one application's, and so must agree on what they share."""
    from roadbed.workload.application_checks import check_shared
    from roadbed.workload.shell_words import not_replaced

    findings = Findings()
    check_shared([each.workload for each in checked if each.workload is not None], findings)
    found = []
    for each in checked:
        shared = [problem for problem in findings.problems if problem.file == str(each.file)]
        own = [] if each.workload is None else [*_too_large(each.file, each.workload), *check_contracts(each.workload)]
        notes = [] if each.workload is None else list(not_replaced(each.workload))
        found.append(replace(each, problems=[*each.problems, *shared, *own], notes=notes).to_dict())
    return found


def _too_large(path: Path, workload: Workload) -> Iterator[Problem]:
    from roadbed.workload.contents import size_problem

    for container in workload.containers.values():
        for file in container.files.values():
            if file.source is not None:
                size = (path.parent / file.source).stat().st_size
            else:
                size = len(file.content.value.encode() if file.content else file.binary or b"")
            if (problem := size_problem(size, file)) is not None:
                yield problem


def _problem(problem: Problem) -> dict[str, Any]:
    found = {
        "detail": problem.message,
        "hint": problem.hint,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
    }
    return {key: value for key, value in found.items() if value is not None}
