"""Files of other platforms that lie beside a Score file, which goes before them. They are looked for, and not read."""

from __future__ import annotations

from collections.abc import Callable

from roadbed.kit.errors import Problem

FOREIGN = (
    "Procfile",
    "app.json",
    "railway.json",
    "railway.toml",
    "render.yaml",
    "render.yml",
    "fly.toml",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
)
"""In the order in which they are believed."""
OWN = ("score.yaml", "score.yml", "roadbed.py", "roadbed.yaml", "roadbed.yml")


def beside(has: Callable[[str], bool]) -> Problem | None:
    """What somebody should know who expects one of them to count. `has` tells whether a file is at the root."""
    others = [name for name in FOREIGN if has(name)]
    own = next((name for name in OWN if has(name)), None)
    if not others or own is None:
        return None
    message = f"what runs is said by {own}: {' and '.join(others)} {'is' if len(others) == 1 else 'are'} not read"
    return Problem(message, "`roadbed init --force` writes the Score files anew from what is beside them")
