"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_TIME_LENGTH, _RANDOM_LENGTH = 10, 10


def new_id(prefix: str) -> str:
    """`op_01jd3k…`: 50 bits of milliseconds, then 50 random bits, in base 32."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(8), "big")
    return f"{prefix}_{_encode(milliseconds, _TIME_LENGTH)}{_encode(random, _RANDOM_LENGTH)}"


def _encode(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
