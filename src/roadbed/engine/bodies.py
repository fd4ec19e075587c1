"""Plans and resources as they are stored: JSON, word for word. Pure.

What is stored is what was decided: `changed_since` tells a plan that somebody edited in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from roadbed.engine.domain import Change, Plan, PlanOptions, Recorded, Rewrite, Step
from roadbed.engine.planning.planner import Draft, digest
from roadbed.engine.refusing import was_changed
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
    body = Body(plan.steps, plan.verdicts, plan.rewrites, exports, plan.imports, plan.options, plan.export_changes)
    return _encoder.encode(body).decode()


def outline(plan: Plan) -> dict[str, Any]:
    """What a list of plans says of one, so that it need not read thousands of steps."""
    return {"summary": plan.summary, "empty": plan.empty, "refused": bool(plan.refusals)}


def read_plan(head: Head, body: str) -> Plan:
    """Raises PlanChanged for a body that no version of this program has written."""
    try:
        read = _plans.decode(body)
    except msgspec.DecodeError:
        raise was_changed(head.stack, head.number) from None
    return Plan(
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
    )


def changed_since(plan: Plan) -> bool:
    """Whether the plan says anything else than when it was made."""
    drafted = Draft(plan.steps, plan.rewrites, plan.export_changes)
    return plan.digest != digest(plan.stack, plan.base, drafted, plan.verdicts, plan.exports, plan.options)


def row_json(recorded: Recorded) -> bytes:
    return _encoder.encode(recorded)


def read_rows(documents: Iterable[str]) -> dict[str, Recorded]:
    """By key."""
    return {row.key: row for row in _rows.decode(f"[{','.join(documents)}]")}


def plain(document: Mapping[str, Any]) -> bytes:
    return _encoder.encode(document)
