"""Ranges of Python's versions, by PEP 440 and as Poetry writes them."""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version


def fits_python(range_: str, has: str) -> bool | None:
    """Whether a version fits; None for a range that nobody can read."""
    parts = []
    for part in range_.split(","):
        if caret := re.fullmatch(r"\s*([\^~])\s*(\d+)(?:\.(\d+))?(?:\.\d+)?\s*", part):
            low = part.strip().lstrip("^~").strip()
            top = int(caret[2]) + 1 if caret[1] == "^" or caret[3] is None else f"{caret[2]}.{int(caret[3]) + 1}"
            parts.append(f">={low},<{top}")
        else:
            parts.append(part)
    try:
        return SpecifierSet(",".join(parts)).contains(Version(has), prereleases=True)
    except (InvalidSpecifier, InvalidVersion, ValueError):
        return None
