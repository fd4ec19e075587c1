"""The configuration files of an embedded PostgreSQL server. Pure: text in, text out.

They are written whole at each start, so nothing that was left in the data folder decides who may connect. The source
of every setting is PostgreSQL 18's manual, chapters 19 (settings), 20.1 (`pg_hba.conf`) and 20.2 (`pg_ident.conf`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from roadbed.storage.ports import LOOPBACK

SUPERUSER = "roadbed"
SOCKET_PORT = 5432
"""Names the socket file of a server that does not listen on TCP."""

_MAP = "roadbed"


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """`port` None: no TCP at all. `durable` off is for tests: a crash of the machine may then lose the data."""

    sockets: Path
    logs: Path
    port: int | None
    max_connections: int = 100
    shared_buffers_mb: int = 24
    durable: bool = True


def postgresql_conf(config: ServerConfig) -> str:
    """Sized for a machine that does something else: a small cache, no workers that idle, no replication."""
    settings: dict[str, str | int] = {
        "listen_addresses": LOOPBACK if config.port else "",
        "port": config.port or SOCKET_PORT,
        "unix_socket_directories": str(config.sockets),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": config.max_connections,
        "superuser_reserved_connections": 3,
        **_memory(config),
        **_durability(config),
        **_quiet(),
        **_logging(config),
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
    }
    return "".join(f"{name} = {_quote(value)}\n" for name, value in settings.items())


def _memory(config: ServerConfig) -> Mapping[str, str | int]:
    return {
        "shared_buffers": f"{config.shared_buffers_mb}MB",
        "wal_buffers": "1MB",
        "work_mem": "4MB",
        "maintenance_work_mem": "32MB",
        "huge_pages": "off",
        "dynamic_shared_memory_type": "mmap",  # a container's /dev/shm may be tiny
        "jit": "off",
    }


def _durability(config: ServerConfig) -> Mapping[str, str | int]:
    on = "on" if config.durable else "off"
    return {
        "fsync": on,
        "synchronous_commit": on,
        "full_page_writes": on,
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "min_wal_size": "32MB",
        "max_wal_size": "256MB",
        "checkpoint_timeout": "15min",
    }


def _quiet() -> Mapping[str, str | int]:
    """What keeps processes, and wake-ups of them, few."""
    return {
        "io_method": "sync",
        "max_worker_processes": 2,
        "max_parallel_workers": 0,
        "max_parallel_workers_per_gather": 0,
        "max_logical_replication_workers": 0,
        "autovacuum_max_workers": 1,
        "autovacuum_naptime": "1min",
        "bgwriter_delay": "1s",
    }


def _logging(config: ServerConfig) -> Mapping[str, str | int]:
    """A file for each hour of the day, overwritten the next day. Never a statement: it may hold a secret."""
    return {
        "logging_collector": "on",
        "log_directory": str(config.logs),
        "log_filename": "postgresql-%H.log",
        "log_rotation_age": "1h",
        "log_rotation_size": 0,
        "log_truncate_on_rotation": "on",
        "log_file_mode": "0600",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_min_error_statement": "panic",
        "log_checkpoints": "off",
        "log_parameter_max_length_on_error": 0,
    }


def pg_hba_conf(config: ServerConfig) -> str:
    """The superuser: over the socket alone, and only the operating system's user that runs the platform.

    Everybody else: over TCP alone, with a password. `trust` is nowhere.
    """
    lines = [f"local all {SUPERUSER} peer map={_MAP}"]
    if config.port:
        lines += [
            f"host all {SUPERUSER} all reject",
            "host replication all all reject",
            f"host all all {LOOPBACK}/32 scram-sha-256",
        ]
    return "\n".join(lines) + "\n"


def pg_ident_conf(system_user: str) -> str:
    return f'{_MAP} "{system_user}" {SUPERUSER}\n'


def _quote(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
