"""As much of NATS's protocol as tells whether a server lets somebody in.

See https://docs.nats.io/reference/reference-protocols/nats-protocol: the server speaks first.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Literal, TypeAlias

Answer: TypeAlias = Literal["welcome", "refused", "silent"]
_PATIENCE_S = 2.0


async def ask(host: str, port: int, username: str, password: str) -> Answer:
    """Logs in and out again. `silent`: it isn't there, or is no NATS server."""
    said = await _said(host, port, {"user": username, "pass": password, "verbose": False, "protocol": 1})
    if said.startswith(b"PONG"):
        return "welcome"
    return "refused" if said.startswith(b"-ERR") else "silent"


async def _said(host: str, port: int, login: Mapping[str, object]) -> bytes:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                if not (await reader.readline()).startswith(b"INFO "):
                    return b""
                writer.write(f"CONNECT {json.dumps(login)}\r\nPING\r\n".encode())
                return await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):  # ValueError: a line without an end
        return b""
