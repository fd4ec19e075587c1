"""What the platform's own user does on a Valkey server while that runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

from roadbed.providers.driver import Transient
from roadbed.providers.redis.config import ADMINISTRATOR, USERNAME
from roadbed.storage.ports import LOOPBACK

_TIMEOUT_S = 10


async def set_passwords(port: int, admin: str, hashes: str) -> None:
    """`hashes` are `#<SHA-256>`, with a space between. Who is connected stays so."""
    async with _administrator(port, admin) as client:
        words = ("resetpass", "on", *hashes.split())
        await client.execute_command("ACL", "SETUSER", USERNAME, *words)  # type: ignore[no-untyped-call]


async def held(port: int, admin: str) -> int:
    """How many bytes are in it. Raises Transient also where the user may not see that, as it could not once."""
    async with _administrator(port, admin) as client:
        told: Mapping[str, Any] = await client.info("memory")
        return int(told["used_memory_dataset"])


@asynccontextmanager
async def _administrator(port: int, admin: str) -> AsyncIterator[Valkey]:
    client = Valkey(host=LOOPBACK, port=port, username=ADMINISTRATOR, password=admin, socket_timeout=_TIMEOUT_S)
    try:
        yield client
    except ValkeyError as error:
        raise Transient(f"the Valkey server did not do what the platform asked of it: {error}") from error
    finally:
        await client.aclose()
