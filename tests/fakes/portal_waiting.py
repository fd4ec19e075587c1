"""Waivers and approvals for the pages: of each state one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from roadbed.approvals.domain import Approval, Vote
from roadbed.approvals.views import ApprovalView
from roadbed.policy.domain import Need
from roadbed.waivers.domain import Subject, Waiver

NOW = datetime.now(UTC)
URN = "orders@prod/web#runtime:Service"
PAYMENTS = "group:default/payments"


def waiver(number: int, subject: Subject, days: int, **more: object) -> Waiver:
    asked = {"asked_by": "user:ada", "asked_at": NOW - timedelta(days=1), "until": NOW + timedelta(days=days)}
    why = "the licence is for one node until May"
    return Waiver(f"wv_{number}", "enough-replicas", subject, PAYMENTS, "production", why, **{**asked, **more})  # type: ignore[arg-type]


WAIVERS = (
    waiver(1, Subject("resource", URN), 30),
    waiver(2, Subject("stack", "orders@prod"), 5, decision="approved", decided_by="user:bob", decided_at=NOW),
    waiver(3, Subject("application", "orders"), -1, decision="approved", decided_by="user:bob", decided_at=NOW),
)

NEED = Need(2, "operator", "environment prod")
APPROVAL = Approval(
    id="apr_1",
    stack="network@dev",
    plan=8,
    planned_at=NOW,
    digest="0" * 64,
    base=1,
    owner=PAYMENTS,
    kind="production",
    operation="op_queued",
    operation_kind="deployment",
    title="Deploy orders to prod",
    asked_by="user:ada",
    planned_by="user:ada",
    asked_at=NOW,
    needs=(NEED,),
    remind=timedelta(hours=4),
    votes=(Vote("user:bob", approves=True, comment="looks right", at=NOW),),
)
VIEW = ApprovalView(APPROVAL, left=(Need(1, "operator", "environment prod"),), decides=True)
