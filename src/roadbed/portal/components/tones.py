"""Which tone, icon and word each state gets. A state is never told by its colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ToneName: TypeAlias = Literal["ok", "warn", "bad", "busy", "idle"]


@dataclass(frozen=True, slots=True)
class Tone:
    name: ToneName
    label: str
    icon: str


_TONES: dict[str, Tone] = {
    "healthy": Tone("ok", "Healthy", "circle-check"),
    "degraded": Tone("warn", "Degraded", "triangle-alert"),
    "down": Tone("bad", "Down", "circle-x"),
    "deploying": Tone("busy", "Deploying", "loader-circle"),
    "unknown": Tone("idle", "Unknown", "circle-dashed"),
    "queued": Tone("idle", "Queued", "clock"),
    "waiting": Tone("idle", "Waiting", "circle"),
    "running": Tone("busy", "Running", "loader-circle"),
    "succeeded": Tone("ok", "Succeeded", "check"),
    "failed": Tone("bad", "Failed", "x"),
    "update-failed": Tone("bad", "Update failed", "x"),
    "cancelled": Tone("idle", "Cancelled", "ban"),
    "skipped": Tone("idle", "Skipped", "minus"),
    "starting": Tone("busy", "Starting", "loader-circle"),
    "ready": Tone("ok", "Ready", "circle-check"),
    "unready": Tone("warn", "Not ready", "triangle-alert"),
    "draining": Tone("idle", "Draining", "circle-dashed"),
    "stopped": Tone("idle", "Stopped", "circle-slash"),
    "stopping": Tone("busy", "Stopping", "loader-circle"),
    "missed": Tone("warn", "Missed", "triangle-alert"),
    "crashed": Tone("bad", "Crashed", "circle-x"),
    "created": Tone("ok", "Created", "circle-check"),
    "active": Tone("ok", "Active", "circle-check"),
    "superseded": Tone("idle", "Superseded", "history"),
    "ok": Tone("ok", "OK", "circle-check"),
    "warning": Tone("warn", "Warning", "triangle-alert"),
    "missing": Tone("bad", "Missing", "circle-x"),
    "deposed": Tone("warn", "Replaced, to be deleted", "history"),
    "changed": Tone("warn", "Drifted", "triangle-alert"),
    "gone": Tone("bad", "Gone", "circle-x"),
    "unreadable": Tone("idle", "Unreadable", "eye-off"),
    "in-sync": Tone("ok", "No drift", "circle-check"),
    "not-looked": Tone("idle", "Not looked at", "circle-dashed"),
    "outdated": Tone("idle", "Not looked at since", "circle-dashed"),
    "open": Tone("busy", "Ready to apply", "list-tree"),
    "empty": Tone("ok", "Nothing to change", "check"),
    "preview": Tone("idle", "Preview", "list-tree"),
    "stale": Tone("warn", "Stale", "history"),
    "discarded": Tone("idle", "Discarded", "trash-2"),
    "applying": Tone("busy", "Applying", "loader-circle"),
    "applied": Tone("ok", "Applied", "check"),
    "done": Tone("ok", "Done", "check"),
    "waiver-waiting": Tone("warn", "To be decided", "clock"),
    "waiver-approved": Tone("ok", "In force", "check"),
    "waiver-refused": Tone("bad", "Refused", "x"),
    "waiver-revoked": Tone("idle", "Taken back", "ban"),
    "waiver-expired": Tone("idle", "Ended", "history"),
    "ends-soon": Tone("warn", "Ends soon", "triangle-alert"),
    "approval-waiting": Tone("warn", "Waits for approval", "clock"),
    "approval-approved": Tone("ok", "Approved", "check"),
    "approval-refused": Tone("bad", "Refused", "x"),
    "approval-stale": Tone("warn", "Stale", "history"),
    "approval-cancelled": Tone("idle", "Cancelled", "ban"),
    "refused": Tone("bad", "Refused", "ban"),
    "verified": Tone("ok", "Verified", "circle-check"),
    "unverified": Tone("idle", "Not tried", "circle-dashed"),
    "damaged": Tone("bad", "Damaged", "circle-x"),
}


def tone(state: str) -> Tone:
    """A state that we have no word for keeps its own, in the idle tone."""
    known = _TONES.get(state)
    return known or Tone("idle", state.replace("_", " ").capitalize() or "Unknown", "circle-dashed")
