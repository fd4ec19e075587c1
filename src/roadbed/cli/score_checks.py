"""What `roadbed score validate` says of files that can each be read: what a platform would refuse in any case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadbed.kit.errors import Findings, Problem

if TYPE_CHECKING:
    from roadbed.workload.domain import Workload


@dataclass(frozen=True, slots=True)
class Checked:
    """A file, and what it says or what is wrong with it."""

    file: Path
    workload: Workload | None
    problems: Sequence[Problem] = ()

    def to_dict(self) -> dict[str, Any]:
        sound = self.workload is not None and not self.problems
        return {
            "file": str(self.file),
            "workload": self.workload.name if self.workload and sound else None,
            "valid": sound,
            "problems": [_problem(each) for each in self.problems],
        }


def verdict(checked: Checked) -> dict[str, Any]:
    """Of one file. Whether files named at once are one application's, and so must agree, nobody says here."""
    from roadbed.workload.application_checks import check_shared

    workload = checked.workload
    if workload is None:
        return checked.to_dict()
    findings = Findings()
    check_shared([workload], findings)
    found = [*findings.problems, *_too_large(checked.file, workload), *_unknown_outputs(workload)]
    return replace(checked, problems=found).to_dict()


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


def _unknown_outputs(workload: Workload) -> Iterator[Problem]:
    """Of types whose outputs are agreed upon, whoever provides them."""
    from roadbed.sdk.contracts import CONTRACTS
    from roadbed.workload.checks import texts_of
    from roadbed.workload.placeholders import parse
    from roadbed.workload.reader import nearest

    for text in texts_of(workload):
        for reference in parse(text.value, text.place).references:
            if reference.root != "resources" or len(reference.path) == 1:
                continue
            contract = CONTRACTS.get(workload.resources[reference.path[0]].type)
            known = [] if contract is None else [*contract.outputs, *contract.optional]
            if contract is not None and not contract.open and (key := ".".join(reference.path[1:])) not in known:
                yield text.place.problem(f"${{{reference.text}}}: there is no output {key!r}", nearest(key, known))


def _problem(problem: Problem) -> dict[str, Any]:
    found = {
        "detail": problem.message,
        "hint": problem.hint,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
    }
    return {key: value for key, value in found.items() if value is not None}
