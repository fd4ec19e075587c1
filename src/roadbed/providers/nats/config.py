"""The accounts' records → the configuration of the server. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from roadbed.storage.ports import LOOPBACK

DEFAULTS: Mapping[str, Any] = {"jetstream": True, "max_storage_mb": 1024, "max_connections": 1000}
_STORE_MB = 1_000_000
"""More than any disk that is meant: what an account may keep is limited by its own limit."""
_NO_SYSTEM_ACCOUNT = "SYS"


def nats_conf(accounts: Iterable[tuple[str, Mapping[str, Any]]], data: Path, port: int) -> str:
    """JSON, which NATS reads. A record has the type's properties, all of them, and the `hash` of the password."""
    document = {
        "host": LOOPBACK,
        "port": port,
        "server_name": "roadbed",
        "jetstream": {"store_dir": str(data), "max_file_store": _STORE_MB * 2**20, "max_memory_store": 0},
        "accounts": {_NO_SYSTEM_ACCOUNT: {"users": []}, **{name: _account(name, each) for name, each in accounts}},
        "system_account": _NO_SYSTEM_ACCOUNT,
        "max_payload": 8 * 2**20,
        "logtime": True,
    }
    return json.dumps(document, indent=1) + "\n"


def users(name: str, record: Mapping[str, Any]) -> dict[str, str]:
    """Who logs in to an account, with what checks the password: one user, two while they are exchanged."""
    return {record.get("user", name): record["hash"], **record.get("former", {})}


def _account(name: str, record: Mapping[str, Any]) -> dict[str, Any]:
    account: dict[str, Any] = {
        "users": [{"user": user, "password": known} for user, known in users(name, record).items()],
        "limits": {"max_connections": record["max_connections"]},
    }
    if record["jetstream"]:
        account["jetstream"] = {"max_file": record["max_storage_mb"] * 2**20, "max_mem": 0}
    return account
