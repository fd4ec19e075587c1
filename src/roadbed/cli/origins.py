"""Where a source came from, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadbed.client.models import Origin


def origin_line(origin: Origin) -> str:
    """`1a2b3c4 (v1.2) of https://…`, `1a2b3c4 (main), changed`; else its kind: `folder`."""
    if (revision := origin["revision"]) is None:
        return origin["kind"]
    ref = origin.get("ref")
    named = f" ({ref})" if ref and not revision.startswith(ref) else ""
    changed = ", changed" if origin["dirty"] else ""
    of = f" of {origin['url']}" if origin.get("url") else ""
    return f"{revision[:7]}{named}{changed}{of}"
