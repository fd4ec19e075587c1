"""Colour, where a person is looking: on a terminal, unless NO_COLOR or TERM=dumb says otherwise."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import IO

_COLUMNS = 80
_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}

HEALTH_COLOURS = {
    "healthy": "green",
    "ready": "green",
    "ok": "green",
    "running": "green",
    "active": "green",
    "succeeded": "green",
    "done": "green",
    "degraded": "yellow",
    "warning": "yellow",
    "deploying": "cyan",
    "starting": "cyan",
    "queued": "cyan",
    "waiting": "yellow",
    "draining": "cyan",
    "down": "red",
    "missing": "red",
    "failed": "red",
    "crashed": "red",
    "unready": "yellow",
    "refused": "red",
}


@dataclass(frozen=True, slots=True)
class Style:
    enabled: bool = False

    def paint(self, text: str, *names: str) -> str:
        """`text` in the given colours and weights; as it is when colour is off. An unknown name paints nothing."""
        codes = [str(_CODES[name]) for name in names if name in _CODES]
        if not (self.enabled and codes and text):
            return text
        return f"\033[{';'.join(codes)}m{text}\033[0m"

    def state(self, text: str) -> str:
        return self.paint(text, HEALTH_COLOURS.get(text, ""))


PLAIN = Style()


def style_of(stream: IO[str]) -> Style:
    return Style(is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def is_terminal(stream: IO[str]) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def columns_of(stream: IO[str]) -> int:
    """How wide it is; 80 where it is no terminal."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS


def has_browser() -> bool:
    """A program that reads a URL wants no browser, and one in a terminal would get in the way."""
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")) or sys.platform == "darwin"
    return shown and is_terminal(sys.stdout)
