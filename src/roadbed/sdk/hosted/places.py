"""Where in people's own files something happened, and what it means in their words."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from roadbed.sdk import markers
from roadbed.sdk.errors import ProgramError

_LONGEST_MESSAGE = 2000
_IMPORTS = "a program may import roadbed.sdk, the standard library, and the files that lie beside it"
_NETWORK = "a program has no network: it declares, and providers do the rest"
_FOLDERS = "a program sees its own folder, read-only, and nothing else of this machine; /tmp is empty and its own"


class Stopped(BaseException):
    """The program was stopped at where it is. No Exception, so that `except Exception` in a loop doesn't hide it."""

    def __init__(self, message: str, hint: str) -> None:
        self.message, self.hint = message, hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Places:
    """Knows which files are the user's. `shown` is how people call the folder: `modules/network`, or "" for a root.

    `library` is the folder of what programs share, called `library_shown`, if there is one; `others` are further
    folders, and how people call each.
    """

    folder: Path
    shown: str
    library: Path | None = None
    library_shown: str = ""
    others: Sequence[tuple[Path, str]] = ()
    _known: dict[str, str | None] = field(default_factory=dict)

    def relative(self, file: str) -> str | None:
        """As people call it; None for a file that isn't theirs."""
        if file not in self._known:
            path = Path(file)
            found = (Path(shown) / path.relative_to(root) for root, shown in self._roots() if path.is_relative_to(root))
            self._known[file] = next(map(str, found), None)
        return self._known[file]

    def _roots(self) -> Iterator[tuple[Path, str]]:
        yield self.folder, self.shown
        if self.library is not None:
            yield self.library, self.library_shown
        yield from self.others

    def shorten(self, place: Any) -> Any:
        """A place with its file as people call it."""
        return place and {**place, "file": self.relative(place["file"]) or place["file"]}

    def lines(self, found: TracebackType | None) -> list[tuple[str | None, int]]:
        """File (None: not the user's) and line of each frame, the innermost last."""
        return [(self.relative(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(found)]

    def error(self, error: BaseException) -> dict[str, Any]:
        """What went wrong, with the innermost place that is the user's own."""
        message, hint = explain(error)
        place: dict[str, Any] = {}
        if isinstance(error, SyntaxError) and error.filename:
            place = {"file": self.relative(error.filename) or error.filename, "line": error.lineno or None}
        elif own := [(file, line) for file, line in self.lines(error.__traceback__) if file is not None]:
            place = dict(zip(("file", "line"), own[-1], strict=True))
        if isinstance(error, ProgramError):
            place.update(error.place or {})
        return {"message": self._short(message), "hint": hint and self._short(hint), **place}

    def _short(self, text: str) -> str:
        """With references made readable and files as people call them, and not without end."""
        read = markers.shown(text)
        for root, shown in self._roots():
            read = read.replace(f"{root}/", f"{shown}/" if shown else "")
        return read if len(read) <= _LONGEST_MESSAGE else f"{read[:_LONGEST_MESSAGE]}…"


def explain(error: BaseException) -> tuple[str, str | None]:
    """What went wrong, and what to do about it."""
    said = _said(error)
    match error:
        case ProgramError() | Stopped():
            return error.message, error.hint
        case SystemExit():
            return f"the program ended itself: sys.exit({error.code!r})", "raise an error, or let it come to its end"
        case UnicodeEncodeError() if _is_marker(error.object):
            return "a reference can't be encoded", markers.HINT
        case TypeError() if any(name in said for name in ("Reference", "Expression")):
            return said, markers.HINT
        case MemoryError():
            return f"{said}: the program used more memory than it may", "declare, and compute little"
        case ImportError():
            return said, _IMPORTS
        case OSError():
            return said, _of_machine(error, said)
    return said, None


def _said(error: BaseException) -> str:
    """As Python says it, whatever the program's own class of errors does to its words."""
    name = type(error).__name__
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)  # whose own says the place once more
    except Exception:
        return name
    return f"{name}: {text}" if text else name


def _of_machine(error: OSError, said: str) -> str:
    if isinstance(error, BlockingIOError):
        return "a program may start a few processes, and needs none"
    network = isinstance(error, ConnectionError | TimeoutError) or "unreachable" in said or "name resolution" in said
    return _NETWORK if network else _FOLDERS


def _is_marker(text: object) -> bool:
    return isinstance(text, str) and markers.shown(text) != str.__str__(text)
