"""What a thing on an embedded server is called. Pure."""

from __future__ import annotations

import hashlib
import re

_DIGEST = 10
_READABLE = 40


def own_name(urn: str, token: str) -> str:
    """`orders-dev-web-cache-3f2a91c0d4`: readable, then a digest of URN and token, which makes it this creation's own.

    Lower-case letters, digits and hyphens, 51 at most: a folder's name, a bucket's and a user's alike. The same
    creation gives the same name, which is how it is found again after a crash; one that takes the URN of another that
    was moved has another name.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", urn.partition("#")[0].lower())[:_READABLE].strip("-") or "x"
    digest = hashlib.sha256(f"{urn}{token}".encode()).hexdigest()[:_DIGEST]
    return f"{slug}-{digest}"


def is_name(text: str) -> bool:
    """Whether it may be one, so that an id from outside never leads out of the folder."""
    return re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", text) is not None
