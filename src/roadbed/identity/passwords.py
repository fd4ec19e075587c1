"""argon2id, off the event loop."""

from __future__ import annotations

import asyncio
import base64
from secrets import token_bytes

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

CONCURRENT = 2
"""Each hashing takes 64 MiB: without a bound, a burst of logins would take all memory."""


class Passwords:
    """Hashes and checks with the parameters of RFC 9106's second choice (64 MiB, 3 passes), argon2-cffi's default."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._nobody = _unmatchable(self._hasher)

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """With None (no such account, or one without a password) does the same work and says False.

        So the time that a refusal takes doesn't tell which accounts there are.
        """
        async with self._slots:
            return await asyncio.to_thread(self._verify, password, stored or self._nobody)

    def outdated(self, stored: str) -> bool:
        """Whether a stored hash has other parameters than new ones get."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _unmatchable(hasher: PasswordHasher) -> str:
    """A hash of no known password, with the same parameters: random bytes, so that making it costs no hashing."""

    def text(length: int) -> str:
        return base64.b64encode(token_bytes(length)).rstrip(b"=").decode()

    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${text(hasher.salt_len)}${text(hasher.hash_len)}"
