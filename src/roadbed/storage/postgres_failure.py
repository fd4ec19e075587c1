"""Why a server did not start, in words for the person who has to mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from roadbed.kit.errors import Problem, Unavailable

_LINES_KEPT = 8
_SEVERITY = re.compile(r"\b(?:FATAL|PANIC|ERROR|error):\s+(?P<cause>.+)")
_HINTS = (
    ("No space left on device", "free some space on the disk, then start again"),
    ("Read-only file system", "set ROADBED_HOME to a folder on a disk that can be written"),
    ("Address already in use", "another program listens there: stop it, then start again"),
    ("Permission denied", "give the folder back to the user named above, or set another ROADBED_HOME"),
    ("are incompatible with server", "the data is another version's: start that version, dump, and load the dump here"),
    ("could not create shared memory", "the machine is short of memory, or its limits are: see ulimit -a"),
)


def failure(name: str, what: str, output: Sequence[str]) -> Unavailable:
    """`output` is all that the server and its tools said, oldest first; its last lines become the error's problems."""
    lines = [line.rstrip() for line in output if line.strip()]
    text = "\n".join(lines)
    causes = [found["cause"] for line in lines if (found := _SEVERITY.search(line))]
    # The first cause is the root; what follows are its consequences.
    cause = causes[0] if causes else (lines[-1] if lines else "it said nothing")
    hint = next((advice for symptom, advice in _HINTS if symptom in text), "its last lines say why")
    return Unavailable(
        f"the {name} PostgreSQL server {what}: {cause}",
        hint=hint,
        problems=[Problem(line) for line in lines[-_LINES_KEPT:]],
    )


def log_sizes(logs: Path) -> dict[Path, int]:
    """Bytes of each log file now: what `last_words` then leaves out."""
    return {path: path.stat().st_size for path in logs.glob("*.log")}


def last_words(logs: Path, before: Mapping[Path, int]) -> list[str]:
    """The lines that were added to the log files since `log_sizes` answered `before`, oldest file first."""
    lines: list[str] = []
    for path in sorted(logs.glob("*.log"), key=lambda path: path.stat().st_mtime):
        content = path.read_bytes()
        start = before.get(path, 0)
        lines += content[start if start <= len(content) else 0 :].decode(errors="replace").splitlines()
    return lines
