"""Plans and resources as they are stored: JSON, word for word. Pure.

What is stored is what was decided: a plan that somebody edited in the database is refused. Its digest covers what it
says. That is the same whenever the same is planned, but what a plan creates is found again by its number and its time:
a seal covers these. Plans of an earlier version have no seal, and a digest that doesn't cover their imports.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace as altered
from datetime import UTC, datetime
from typing import Any

import msgspec

from roadbed.engine.domain import Change, Note, Plan, PlanOptions, Recorded, Remediation, Rewrite, Step
from roadbed.engine.planning.planner import Draft, digest
from roadbed.engine.refusing import was_changed
from roadbed.estimates.domain import Metric, PlanCost, Totals
from roadbed.policy.domain import Verdict

__all__ = ["Change", "Head", "changed_since", "outline", "read_plan", "read_rows", "row_json", "write_plan"]


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a plan has no column of its own."""

    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    exports: dict[str, Any] | None = None
    imports: tuple[tuple[str, str], ...] = ()
    options: PlanOptions = PlanOptions()
    export_changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()
    remediations: tuple[Remediation, ...] = ()
    cost: PlanCost | None = None
    seal: str | None = None


class Head(msgspec.Struct, frozen=True):
    """What of a plan has a column."""

    stack: str
    number: int
    base: int
    digest: str
    created_at: datetime
    created_by: str


_encoder = msgspec.json.Encoder()
_plans = msgspec.json.Decoder(Body)
_rows = msgspec.json.Decoder(list[Recorded])


def write_plan(plan: Plan) -> str:
    exports = dict(plan.exports) if plan.exports is not None else None
    body = Body(
        steps=plan.steps,
        verdicts=plan.verdicts,
        rewrites=plan.rewrites,
        exports=exports,
        imports=plan.imports,
        options=plan.options,
        export_changes=plan.export_changes,
        notes=plan.notes,
        remediations=plan.remediations,
        cost=plan.cost,
        seal=_seal(plan),
    )
    return _encoder.encode(body).decode()


def outline(plan: Plan) -> dict[str, Any]:
    """What a list of plans says of one, so that it need not read thousands of steps. What policies refuse of it unless
    it is waived is looked at again where it matters.
    """
    refused = any(altered(verdict, waived_by=None).refuses for verdict in plan.verdicts)
    return {"summary": plan.summary, "empty": plan.empty, "refused": refused}


def read_plan(head: Head, body: str) -> Plan:
    """Raises PlanChanged for a body that no version of this program has written, or not for this plan."""
    try:
        read = _plans.decode(body)
    except msgspec.DecodeError:
        raise was_changed(head.stack, head.number) from None
    plan = Plan(
        stack=head.stack,
        number=head.number,
        base=head.base,
        digest=head.digest,
        steps=read.steps,
        verdicts=read.verdicts,
        created_at=head.created_at,
        created_by=head.created_by,
        rewrites=read.rewrites,
        exports=read.exports,
        imports=read.imports,
        options=read.options,
        export_changes=read.export_changes,
        notes=read.notes,
        remediations=read.remediations,
        cost=read.cost,
    )
    if _is_another(plan, read.seal):
        raise was_changed(head.stack, head.number)
    return plan


class _Said(msgspec.Struct, frozen=True):
    """What policies said of a plan: the rest of its body is not looked at."""

    verdicts: tuple[Verdict, ...] = ()
    remediations: tuple[Remediation, ...] = ()


class _Bill(msgspec.Struct, frozen=True):
    currency: str
    totals: dict[Metric, Totals]


_said, _bill = msgspec.json.Decoder(_Said), msgspec.json.Decoder(_Bill)


def read_said(body: str) -> tuple[tuple[Verdict, ...], tuple[Remediation, ...]]:
    """Verdicts and remediations of a stored plan, or of these parts of it."""
    read = _said.decode(body)
    return read.verdicts, read.remediations


def read_bill(body: str) -> tuple[str, Mapping[Metric, Totals]]:
    """Currency and totals, of these parts of what a stored plan costs."""
    read = _bill.decode(body)
    return read.currency, read.totals


def _is_another(plan: Plan, seal: str | None) -> bool:
    """Whether it is not the plan that was sealed. Only one of an earlier version may have no seal."""
    return plan.digest == _digest(plan, plan.imports) if seal is None else seal != _seal(plan)


def changed_since(plan: Plan) -> bool:
    """Whether the plan says anything else than when it was made."""
    return plan.digest != _digest(plan, plan.imports) and plan.digest != _digest(plan, None)


def _digest(plan: Plan, imports: tuple[tuple[str, str], ...] | None) -> str:
    drafted = Draft(plan.steps, plan.rewrites, plan.export_changes, imports)
    told = plan.notes, plan.remediations, plan.cost
    return digest(plan.stack, plan.base, drafted, plan.verdicts, plan.exports, plan.options, *told)


def _seal(plan: Plan) -> str:
    """SHA-256 of what tells a plan from others that say the same."""
    made = plan.created_at.astimezone(UTC).isoformat()  # a database tells a moment in a zone of its own
    content = (plan.stack, plan.number, plan.digest, made, plan.created_by)
    return hashlib.sha256(_encoder.encode(content)).hexdigest()


def row_json(recorded: Recorded) -> bytes:
    return _encoder.encode(recorded)


def read_rows(documents: Iterable[str]) -> dict[str, Recorded]:
    """By key."""
    return {row.key: row for row in _rows.decode(f"[{','.join(documents)}]")}


def plain(document: Mapping[str, Any]) -> bytes:
    return _encoder.encode(document)
