"""A building block that fails is told of in a sentence for who asked, and with its line for its owner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roadbed.sdk import provisioners
from roadbed.sdk.hosted import provision as hosted
from roadbed.sdk.hosted.places import Places

HEAD = """from roadbed.sdk import provisioner

@provisioner("ledger", version="1.2.0", owner="group:default/data", outputs={"host": "Where."})
def ledger(request):
    \"\"\"A database.\"\"\"
"""


def answered(tmp_path: Path, body: str) -> dict[str, Any]:
    loose, block = tmp_path / "provisioners", tmp_path / "blocks" / "ledger"
    loose.mkdir()
    block.mkdir(parents=True)
    (block / "block.py").write_text(f"{HEAD}{body}\n", encoding="utf-8")
    request = {
        "stack": "shop@dev",
        "application": "shop",
        "environment": "dev",
        "environment_kind": "development",
        "blocks": [{"name": "ledger", "folder": str(block)}],
        "requests": [
            {
                "uid": "web/db",
                "type": "ledger",
                "name": "db",
                "workload": "web",
                "source": {"file": "score.yaml", "line": 4},
            }
        ],
    }
    places = Places(loose, "provisioners", others=[(block, "provisioners/ledger")])
    return hosted.provision(request, places)


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("    return {}['x']", 6, "KeyError: 'x'"),
        ("    return {'hots': 1}", 3, "leaves out host and adds 'hots' (is that 'host'?)"),
        ("    while True:\n        pass", 7, "the program did not end within 0.2 s"),
    ],
    ids=["raises", "wrong outputs", "does not end"],
)
def test_whatever_fails_is_its_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, line: int, said: str
) -> None:
    monkeypatch.setattr(provisioners, "_registered", [])
    if "while" in body:
        monkeypatch.setattr(hosted, "_BLOCK_SECONDS", 0.2)
    error = answered(tmp_path, body)["error"]
    assert error["message"] == "db can't be made: the building block ledger 1.2.0 fails"
    assert (error["file"], error["line"]) == ("score.yaml", 4)
    assert error["hint"].startswith("tell group:default/data: provisioners/ledger/block.py:")
    assert said in error["hint"]
    assert error["failure"]["file"] == "provisioners/ledger/block.py"
    assert error["failure"]["line"] in (line, line - 1)
