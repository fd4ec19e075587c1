"""What a building block must say of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roadbed.kit.errors import InvalidInput
from roadbed.platform.drafts import read_draft
from roadbed.platform.snapshots import BlockFolder, Snapshot

SNAPSHOT = Snapshot("ledger", {"block.py": "", "README.md": ""})
FOLDER = BlockFolder("ledger", Path("ledger"), SNAPSHOT.digest)


def offer(**said: Any) -> dict[str, Any]:
    return {
        "type": "ledger",
        "version": "1.0.0",
        "owner": "group:default/data",
        "maturity": "beta",
        "notes": "A database.",
        "params": {"size": {"types": ["integer"]}},
        "outputs": ["host"],
        "examples": {"small": {"params": {"size": 1}}},
        "docs": "README.md",
        "file": "provisioners/ledger/block.py",
        "line": 8,
        **said,
    }


def test_one_that_says_all() -> None:
    draft = read_draft(SNAPSHOT, FOLDER, [offer()])
    assert (draft.name, draft.version, draft.owner) == ("ledger", "1.0.0", "group:default/data")
    assert draft.place == "provisioners/ledger/block.py:8"


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ({"type": "ledgers"}, "the building block ledger offers 'ledgers'", "name the folder ledgers"),
        ({"version": None}, "ledger says no version", 'add version="0.1.0"'),
        ({"notes": ""}, "ledger doesn't say what it is", "docstring"),
        ({"params": None}, "ledger doesn't say which params it takes", "{} for none"),
        ({"outputs": []}, "ledger doesn't say what its outputs are", "outputs="),
        ({"examples": {}}, "ledger has no example", "Example()"),
        ({"docs": "DOCS.md"}, "the docs of ledger, 'DOCS.md', are no file in its folder", "beside block.py"),
        (
            {"examples": {"big": {"params": {"sise": 2}}}},
            "the example big of ledger gives the param 'sise', which it doesn't take",
            "it takes: size",
        ),
        (
            {"params": {}},
            "the example small of ledger gives the param 'size', which it doesn't take",
            "it takes: none",
        ),
    ],
)
def test_what_is_missing_or_wrong_stands_at_its_line(said: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_draft(SNAPSHOT, FOLDER, [offer(**said)])
    found = caught.value.problem
    assert (found.message, found.place) == (message, "provisioners/ledger/block.py:8")
    assert hint in (found.hint or "")
