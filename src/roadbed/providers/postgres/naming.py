"""What a database and its role are called. Pure."""

from __future__ import annotations

import hashlib
import re

_LONGEST = 63  # bytes of a PostgreSQL identifier
_DIGEST = 10
_MARK = "roadbed: "
_RESERVED_PREFIX = "pg_"
_RESERVED = ("public", "none")


def identifier(urn: str, wanted: str | None = None, token: str = "") -> str:
    """`orders_dev_web_db_3f2a91c0d4`: readable, then a digest of URN and token, which makes it this creation's own.

    The same creation gives the same name, which is how it is found again after a crash; one that takes the URN of
    another that was moved has another name. `wanted` replaces the readable part. A name that PostgreSQL would not take
    begins with `d_`.
    """
    readable = wanted if wanted is not None else urn.partition("#")[0]
    slug = re.sub(r"[^a-z0-9]+", "_", readable.lower()).strip("_") or "database"
    if slug[0].isdigit() or reserved(f"{slug}_"):
        slug = f"d_{slug}"
    digest = hashlib.sha256(f"{urn}{token}".encode()).hexdigest()[:_DIGEST]
    return f"{slug[: _LONGEST - _DIGEST - 1].rstrip('_')}_{digest}"


def reserved(name: str) -> bool:
    """Whether PostgreSQL keeps a role's name for itself."""
    return name.startswith(_RESERVED_PREFIX) or name in _RESERVED


def creation(urn: str, token: str) -> str:
    """What is marked where a thing's name can't be its creation's own: one of the same URN later is another."""
    return f"{urn} {hashlib.sha256(token.encode()).hexdigest()[:_DIGEST]}"


def mark(urn: str) -> str:
    """The comment by which a role and a database say whose they are."""
    return f"{_MARK}{urn}"


def marker(comment: object) -> str | None:
    """The URN of whose it is by its comment, or None if it is nobody's."""
    return comment.removeprefix(_MARK) if isinstance(comment, str) and comment.startswith(_MARK) else None


def marked(comment: object, urn: str | None = None) -> bool:
    """Whether the comment says that something is this resource's; without `urn`, the platform's at all."""
    return isinstance(comment, str) and (comment == mark(urn) if urn is not None else comment.startswith(_MARK))
