"""Building blocks for the portal's pages: one at its second version, and one that goes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from roadbed.blocks.domain import BlockView
from roadbed.platform.versions import BlockUse, BlockVersion

AT, BY = datetime(2026, 3, 1, 9, tzinfo=UTC), "user:olga"


def _offer(name: str, **said: Any) -> dict[str, Any]:
    plain = {"type": name, "class": "*", "id": "*", "environments": ["*"], "params": {}, "outputs": ["host", "port"]}
    told = {"docs": None, "successor": None, "owner": "group:default/data", "maturity": "stable", "title": None}
    return {
        **plain,
        **told,
        "notes": f"A {name} of its own.",
        "file": f"provisioners/{name}/block.py",
        "line": 9,
        **said,
    }


_SIZE = {"types": ["string"], "default": "small", "choices": ["small", "large"], "required": False, "help": "How much."}
_HOST = {"types": ["string"], "default": None, "choices": [], "required": True, "help": "<b>Where</b> it is."}


def _version(name: str, version: str, offer: dict[str, Any], message: str = "") -> BlockVersion:
    return BlockVersion(name, version, "0" * 64, [offer], message, AT, BY)


def _block(name: str, offer: dict[str, Any], uses: dict[str, str], *versions: str) -> BlockView:
    found = [_version(name, version, offer, "Larger by default.") for version in versions]
    used = [BlockUse(name, environment, version, "0" * 64, AT, BY) for environment, version in uses.items()]
    docs = "# <MySQL>\n\nWhom to ask." if offer["docs"] else ""
    return BlockView(name, found[-1], found, used, ["orders@dev", "shop@prod"], docs)


BLOCKS = (
    _block(
        "mysql",
        _offer("mysql", title="MySQL", docs="README.md", params={"size": _SIZE, "host": _HOST}),
        {"dev": "1.1.0", "prod": "1.0.0"},
        "1.0.0",
        "1.1.0",
    ),
    _block("mongodb", _offer("mongodb", maturity="deprecated", successor="postgres"), {"dev": "0.1.0"}, "0.1.0"),
)
