"""A program on a real terminal, and what its screen shows."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

_WORDS = re.compile(r"\033\[[0-9;?]*[A-Za-z]|\r|\n|[^\033\r\n]+")


class Screen:
    """As much of a terminal as the CLI uses: lines, and a cursor that goes up to write over them."""

    def __init__(self) -> None:
        self.lines = [""]
        self._row = self._column = 0
        self._lock = threading.Lock()

    @property
    def text(self) -> str:
        with self._lock:
            return "\n".join(line.rstrip() for line in self.lines)

    def feed(self, text: str) -> None:
        with self._lock:
            for word in _WORDS.findall(text):
                self._take(word)

    def _take(self, word: str) -> None:
        line = self.lines[self._row]
        if word == "\r":
            self._column = 0
        elif word == "\n":
            self._row += 1
            self.lines += [""] * (self._row == len(self.lines))
        elif not word.startswith("\033"):
            self.lines[self._row] = line[: self._column] + word + line[self._column + len(word) :]
            self._column += len(word)
        elif word.endswith("F"):
            self._row, self._column = max(self._row - int(word[2:-1]), 0), 0
        elif word[-1] in "JK":
            self.lines[self._row] = line[: self._column]
            if word.endswith("J"):
                del self.lines[self._row + 1 :]


class Terminal:
    """`screen` is what it shows, `wait` gives the exit code once it has shown all."""

    def __init__(self, process: subprocess.Popen[bytes], controller: int) -> None:
        self.screen = Screen()
        self._process, self._controller = process, controller
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):  # what a terminal says when nobody is at its other end any more
            decoder = codecs.getincrementaldecoder("utf-8")()
            while chunk := os.read(self._controller, 65536):
                self.screen.feed(decoder.decode(chunk))

    def wait(self, patience: float = 60) -> int:
        code = self._process.wait(patience)
        self._reader.join(patience)
        return code


@contextmanager
def terminal(
    arguments: Sequence[str], environment: Mapping[str, str], *, columns: int, rows: int
) -> Iterator[Terminal]:
    """Runs it on a terminal of that size."""
    controller, own = pty.openpty()
    fcntl.ioctl(own, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        arguments, stdin=own, stdout=own, stderr=own, env=dict(environment), start_new_session=True
    )
    os.close(own)
    try:
        yield Terminal(process, controller)
    finally:
        process.kill()
        process.wait()
        os.close(controller)
