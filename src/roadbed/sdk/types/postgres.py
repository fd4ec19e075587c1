"""PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Reference
from roadbed.sdk.resources import Resource


class Database(Resource):
    """A database with a role of its own on the environment's server. Its password is a secret."""

    TYPE = "postgres:Database"

    if TYPE_CHECKING:
        name: Reference
        host: Reference
        port: Reference
        username: Reference
        password: Reference

    def __init__(self, name: str, /, **options: Unpack[Options]) -> None:
        super().__init__(self.TYPE, name, **options)
