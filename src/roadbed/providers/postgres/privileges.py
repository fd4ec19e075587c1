"""What a role can be given. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

PRIVILEGES: Mapping[str, tuple[LiteralString, ...]] = {
    "database": ("CONNECT", "CREATE", "TEMPORARY"),
    "schema": ("USAGE", "CREATE"),
    "tables": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"),
    "sequences": ("USAGE", "SELECT", "UPDATE"),
}
"""What may be given on what."""


@dataclass(frozen=True, slots=True)
class Grant:
    """`on` is one of PRIVILEGES; `schema` counts for all but a database."""

    role: str
    database: str
    on: str
    schema: str
    privileges: tuple[LiteralString, ...]
