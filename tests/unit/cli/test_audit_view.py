"""How the audit log is shown."""

from __future__ import annotations

from roadbed.cli.audit import _details, _records
from roadbed.cli.style import PLAIN
from roadbed.client.models import AuditRecord, Listing

RECORD: AuditRecord = {
    "id": "au_1",
    "at": "2026-01-01T00:00:00.123Z",
    "principal": "user:bob",
    "action": "waiver.decide",
    "target": "waiver wv_1",
    "outcome": "done",
    "detail": {"comment": "until\x1b[2J March", "kinds": ["a"], "why": ""},
}
LISTING: Listing[AuditRecord] = {"items": [RECORD, {**RECORD, "detail": {}}], "next": None}


def test_a_record_is_a_line() -> None:
    assert _records(LISTING, PLAIN).splitlines()[1] == (
        "2026-01-01 00:00:00Z   user:bob   waiver.decide   waiver wv_1   done"
    )


def test_what_was_noted_stands_below_it_and_drives_no_terminal() -> None:
    lines = _details(LISTING, PLAIN).splitlines()
    assert lines[2:5] == ["    comment  until[2J March", '    kinds  ["a"]', "    why  –"]
    assert len(lines) == 6
