"""A database's record → the configuration of its server. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roadbed.storage.ports import LOOPBACK

USERNAME = "default"
"""The user of clients that send a password alone, which most do: a login by name works as well."""
ADMINISTRATOR = "roadbed"
"""The platform's own user: it exchanges passwords while the server runs, and sees how much is in it; nothing else."""
DEFAULTS: Mapping[str, Any] = {
    "max_memory_mb": 128,
    "eviction": "noeviction",
    "persistent": True,
    "passwordless": False,
}
EVICTIONS = (
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
)
_KEPT_FROM_IT = ("shutdown", "replicaof", "failover", "cluster", "module", "debug", "bgrewriteaof", "acl", "config")
"""Commands that change the server and not what is in it."""
_ALLOWED_OF_IT = (
    "acl|whoami",
    "acl|cat",
    "acl|genpass",
    "config|get",
    "config|resetstat",
    "cluster|info",
    "cluster|slots",
)


def digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def hashes(record: Mapping[str, Any]) -> str:
    """The passwords that let in, as an access list has them: one, two while they are exchanged."""
    return " ".join(f"#{each}" for each in [record["password_sha256"], *record.get("former_sha256", [])])


def valkey_conf(record: Mapping[str, Any], data: Path, port: int) -> str:
    """`record` has the type's properties, all of them, `password_sha256`, and the `admin` password."""
    rights = " ".join([*(f"-{one}" for one in _KEPT_FROM_IT), *(f"+{one}" for one in _ALLOWED_OF_IT)])
    passwords = "nopass" if record.get("passwordless") else hashes(record)
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f'dir "{_quoted(data)}"',
        "daemonize no",
        "set-proc-title no",  # it is found by its command line
        "loglevel notice",
        "databases 16",
        f"maxmemory {record['max_memory_mb']}mb",
        f"maxmemory-policy {record['eviction']}",
        f"maxclients {_CLIENTS}",
        f'notify-keyspace-events "{record.get("keyspace_events") or ""}"',
        *(_KEPT if record["persistent"] else _FORGOTTEN),
        f"user {USERNAME} reset on {passwords} ~* &* +@all {rights}",
        *([f"user {ADMINISTRATOR} reset on #{digest(admin)} +acl +info"] if (admin := record.get("admin")) else []),
    ]
    return "\n".join(lines) + "\n"


_CLIENTS = 1000
_KEPT = ("appendonly yes", "appendfsync everysec", 'save ""', "aof-use-rdb-preamble yes")
_FORGOTTEN = ("appendonly no", 'save ""')


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
