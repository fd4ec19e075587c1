"""Random secrets that prove who somebody is: tokens, session cookies, one-time codes. Pure but for randomness.

Each has 256 random bits, so a plain SHA-256 is the right thing to store: there is nothing to guess that salt or a slow
hash could guard, and a look-up on every request must be quick. (Passwords, which people choose, get argon2id.)
"""

from __future__ import annotations

import hashlib
import hmac
import re
from secrets import token_hex

from roadbed.kit.ids import new_id

_TOKEN = re.compile(r"(rbt_[0-9a-z]{20})_([0-9a-f]{64})")


def new_secret() -> str:
    """256 random bits, as 64 hex digits."""
    return token_hex(32)


def digest(secret: str) -> bytes:
    """What is stored of a secret: 32 bytes."""
    return hashlib.sha256(secret.encode()).digest()


def new_token() -> tuple[str, str]:
    """A token's id, by which it can be shown, found and revoked, and its secret part."""
    return new_id("rbt"), new_secret()


def token_text(id_: str, secret: str) -> str:
    """`rbt_<id>_<secret>`: a fixed beginning, so that scanners of leaked secrets can know it."""
    return f"{id_}_{secret}"


def split_token(text: str) -> tuple[str, str] | None:
    """A token's id and secret part, None if it isn't one of ours."""
    match = _TOKEN.fullmatch(text)
    return (match[1], match[2]) if match else None


def same(secret: str, stored: bytes) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(digest(secret), stored)


def csrf_token(cookie: str) -> str:
    """What a page sends along to show that it could read its session's page.

    An HMAC keyed by the cookie itself: bound to the session, needs no store, and says nothing of the cookie.
    """
    return hmac.new(cookie.encode(), b"roadbed csrf", hashlib.sha256).hexdigest()
