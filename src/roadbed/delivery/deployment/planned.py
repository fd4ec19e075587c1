"""The plan of a deployment, as its steps need it: what it comes to, what its log tells of it, and what refuses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from roadbed.delivery.deployment.basis import Basis
from roadbed.delivery.notes import interrupted
from roadbed.engine.domain import Plan
from roadbed.engine.service import refuse_if_forbidden
from roadbed.estimates import words
from roadbed.estimates.document import plan_cost_document
from roadbed.kit.errors import Conflict
from roadbed.policy.domain import Verdict


@dataclass(frozen=True, slots=True)
class Planned:
    """`changes` counts the resources to which something is done. `told`: the state at least is told something.
    `notes` are what is said of the changes in the end.
    """

    number: int
    changes: int
    told: bool = False
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(plan.number, len(plan.changing), told=not plan.empty, notes=tuple(interrupted(plan.changing)))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        return cls(**{**document, "notes": tuple(document.get("notes", ()))})

    def to_dict(self) -> dict[str, Any]:
        return {"number": self.number, "changes": self.changes, "told": self.told, "notes": list(self.notes)}


def makes_a_release(basis: Basis, planned: Planned) -> bool:
    """The next plan is made from the source and settings in force. So settings that nothing uses yet, and options and
    exports that are declared otherwise, are a release, though nothing is done to any resource; what the state alone is
    to be told of the source in force is none.
    """
    return bool(planned.changes) or basis.new_settings or (planned.told and basis.new_source)


def lines(plan: Plan) -> Iterator[str]:
    """What is to be known of a plan, for the log."""
    counts = {action: count for action, count in plan.summary.items() if count}
    yield ", ".join(f"{n} unchanged" if action == "none" else f"{n} to {action}" for action, n in counts.items())
    for note in plan.notes:
        yield note.message
    for one in plan.remediations:
        yield f"put right by {one.policy}: {one.resource}: {one.message}"
    if plan.cost is not None and (line := words.plan_line(plan_cost_document(plan.cost))):
        yield line
    for verdict in plan.verdicts:
        yield _said(verdict)


def refuse(plan: Plan, *, delete_data: bool) -> None:
    """Raises PolicyRefused for what a policy forbids. Raises Conflict where the plan deletes what people have put data
    into, and nobody has said that it may.
    """
    refuse_if_forbidden(plan)
    losing = [step for step in plan.steps if step.loses_data]
    if losing and not delete_data:
        named = ", ".join(f"{step.name} ({step.type})" for step in losing)
        raise Conflict(
            f"this would delete {named}, with all that is in it",
            hint="declare it again, or let the data go: roadbed deploy --delete-data",
        )


def _said(verdict: Verdict) -> str:
    """On one line: whose finding on what it is, where that is declared, and what to do."""
    about = f"{verdict.resource}: " if verdict.resource else ""
    place = f" ({verdict.source})" if verdict.source else ""
    waived = f" [waived: {verdict.waived_by}]" if verdict.waived_by else ""
    return f"{verdict.level}: {verdict.policy}: {about}{verdict.message}{place}{waived} → {verdict.remedy}"
