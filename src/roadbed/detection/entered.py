"""Folders below the root of a tree in which something runs or is built: their packages are the application's, too."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable

from roadbed.workload.targets import WORKDIR

_CHANGED_TO = re.compile(r"(?:^|[;&(\n]|\bthen)\s*cd\s+(['\"]?)([\w./@ -]+?)\1\s*(?:&&|;|\n|$)")
_SENT = re.compile(r"\b(?:npm|pnpm|yarn)\s(?:[^;&|\n]*?\s)?(?:--prefix|--cwd|--dir|-C)[ =](['\"]?)([\w./@-]+)\1")
"""A manager of Node's packages that is told to go there."""
_LISTED = re.compile(
    r"\bpip3?\s+install\s(?:[^;&|\n]*?\s)?(?:-r|--requirement)[ =]?(['\"]?)([\w./@-]+)/requirements\.txt\1"
)
"""A list of Python packages that is named where it lies."""


def entered(paths: Collection[str], commands: Iterable[str]) -> list[str]:
    """Folders of the tree that commands change to, or name to what installs packages, each once."""
    patterns = (_CHANGED_TO, _SENT, _LISTED)
    said = [match[2] for word in commands for pattern in patterns for match in pattern.finditer(word)]
    named = (posixpath.normpath(name) for name in said)
    folders = [name.removeprefix(f"{WORKDIR}/") for name in dict.fromkeys(named)]
    return [one for one in folders if not one.startswith((".", "/")) and any(p.startswith(f"{one}/") for p in paths)]
