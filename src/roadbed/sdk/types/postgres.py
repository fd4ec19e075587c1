"""PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roadbed.sdk.references import Reference
from roadbed.sdk.resources import Resource


class Database(Resource):
    """A database with a role of its own on the environment's server. Its password is a secret."""

    if TYPE_CHECKING:
        name: Reference
        host: Reference
        port: Reference
        username: Reference
        password: Reference

    def __init__(self, name: str, /, *, depends_on: Sequence[Resource] = ()) -> None:
        super().__init__("postgres:Database", name, depends_on=depends_on)
