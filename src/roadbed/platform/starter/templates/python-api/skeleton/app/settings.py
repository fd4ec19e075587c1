"""What the environment tells the service. The platform sets PORT, ROADBED_* and what score.yaml declares."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` may be empty: libpq then reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD."""

    host: str = "127.0.0.1"
    port: int = 8080
    database_url: str = ""
    log_level: str = "INFO"
    shutdown_seconds: int = 10
    release: str = "local"
    environment: str = "local"
    instance: str = "local"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        return cls(
            host=environment.get("HOST", "127.0.0.1"),
            port=int(environment.get("PORT", "8080")),
            database_url=environment.get("DATABASE_URL", ""),
            log_level=environment.get("LOG_LEVEL", "INFO").upper(),
            shutdown_seconds=int(environment.get("SHUTDOWN_SECONDS", "10")),
            release=environment.get("ROADBED_RELEASE", "local"),
            environment=environment.get("ROADBED_ENVIRONMENT", "local"),
            instance=environment.get("ROADBED_REPLICA") or socket.gethostname(),
        )
