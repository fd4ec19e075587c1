"""Whether a short run was asked for."""

from __future__ import annotations

import os
import sys

QUICK = os.environ.get("QUICK", "") not in ("", "0")


def say(line: str) -> None:
    """What is worth knowing besides the figures."""
    print(f"    {line}", file=sys.stderr, flush=True)
