"""Writing a file that a crash can't leave half-written and that nobody else can read."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from roadbed.kit.errors import RoadbedError, Unavailable

_REMEDIES = {
    errno.ENOSPC: ("its disk is full", "free some space there, then try again"),
    errno.EDQUOT: ("its disk quota is used up", "free some space there, then try again"),
    errno.EROFS: ("it is read-only", "set ROADBED_HOME to a directory that you can write to"),
    errno.EACCES: ("you may not write there", "set ROADBED_HOME to a directory that you can write to"),
    errno.EPERM: ("you may not write there", "set ROADBED_HOME to a directory that you can write to"),
    errno.ENOTDIR: ("it is no directory", "set ROADBED_HOME to a directory that you can write to"),
}


def home_error(home: Path, error: OSError) -> RoadbedError:
    """The sentence for a home that can't be written."""
    reason, hint = _REMEDIES.get(error.errno or 0, (error.strerror or str(error), "see `roadbed doctor`"))
    return Unavailable(f"can't keep state in {home}: {reason}", hint=hint)


@contextmanager
def writing_home(home: Path) -> Iterator[None]:
    """Turns an OSError of what is done inside into `home_error`."""
    try:
        yield
    except OSError as error:
        raise home_error(home, error) from error


def write_private(path: Path, text: str) -> None:
    """Puts `text` in the place of `path` by rename, mode 0600. Makes its directory where that is missing."""
    with writing_home(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(temporary).unlink()
            raise
