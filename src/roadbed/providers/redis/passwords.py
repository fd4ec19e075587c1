"""Which passwords a Valkey server takes, changed while it runs."""

from __future__ import annotations

from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

from roadbed.providers.driver import Transient
from roadbed.providers.redis.config import ADMINISTRATOR, USERNAME
from roadbed.storage.ports import LOOPBACK

_TIMEOUT_S = 10


async def set_passwords(port: int, admin: str, hashes: str) -> None:
    """`hashes` are `#<SHA-256>`, with a space between. Who is connected stays so."""
    client = Valkey(host=LOOPBACK, port=port, username=ADMINISTRATOR, password=admin, socket_timeout=_TIMEOUT_S)
    try:
        words = ("resetpass", "on", *hashes.split())
        await client.execute_command("ACL", "SETUSER", USERNAME, *words)  # type: ignore[no-untyped-call]
    except ValkeyError as error:
        raise Transient(f"the Valkey server did not take over its passwords: {error}") from error
    finally:
        await client.aclose()
