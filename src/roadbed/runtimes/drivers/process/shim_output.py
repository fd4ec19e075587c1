"""What a replica writes: cut into lines, masked, stamped, and kept in files of bounded size.

The format is that of Kubernetes' container runtimes (KEP "CRI container log format"): time, stream, tag, text. The
tag is `F` for a whole line and `P` for a part of one that was too long. It is written and read without a parser. Where
there are several containers, the stream is followed by `@` and the container's name.
"""

from __future__ import annotations

import errno
import os
import time

MASK = "••••••"
LONGEST_LINE = 16 * 1024
"""In characters. A longer line becomes several."""


class Mask:
    """Hides values in text. `forms` are the spellings to hide, the longest first."""

    def __init__(self, forms: list[str]) -> None:
        self.forms = forms
        self.longest = max(map(len, forms), default=0)

    def apply(self, text: str) -> str:
        for form in self.forms:
            text = text.replace(form, MASK)
        return text

    def cut(self, text: str, length: int) -> int:
        """Where to cut `text`, about at `length`, so that no value is cut in two.

        Sure only if at least `longest` characters follow `length`.
        """
        while (moved := self._before(text, length)) != length:
            length = moved
        return length

    def _before(self, text: str, length: int) -> int:
        for form in self.forms:
            start = text.find(form, max(0, length - len(form) + 1), length + len(form) - 1)
            if 0 <= start < length:
                return start or len(form)  # a value that is longer than a line stays whole
        return length


class Lines:
    """Cuts a stream of bytes into lines. Each is (tag, text); `end` gives what had no end of line."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[str, str]]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [part for line in whole for part in self._whole(line)] + self._too_long()

    def end(self) -> list[tuple[str, str]]:
        rest, self._rest = self._rest, b""
        return self._whole(rest) if rest else []

    def _whole(self, line: bytes) -> list[tuple[str, str]]:
        parts, text = self._parts(line.decode("utf-8", "replace").removesuffix("\r"), LONGEST_LINE)
        return [*parts, ("F", self._mask.apply(text))]

    def _too_long(self) -> list[tuple[str, str]]:
        """The beginning of a line whose end hasn't come. Its last characters wait: they may begin a value."""
        enough = LONGEST_LINE + self._mask.longest
        if len(self._rest) <= enough:
            return []
        end = _whole_characters(self._rest)
        parts, text = self._parts(self._rest[:end].decode("utf-8", "replace"), enough)
        self._rest = text.encode("utf-8", "replace") + self._rest[end:]
        return parts

    def _parts(self, text: str, enough: int) -> tuple[list[tuple[str, str]], str]:
        """Parts of a line, and what is left when it is no longer than `enough`."""
        parts = []
        while len(text) > enough:
            length = self._mask.cut(text, LONGEST_LINE)
            parts.append(("P", self._mask.apply(text[:length])))
            text = text[length:]
        return parts, text


def _whole_characters(data: bytes) -> int:
    """How many bytes there are up to the end of the last UTF-8 character that is whole."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 != 0x80:  # the first byte of a character
            size = 1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) if size <= back else len(data) - back
    return len(data)


class Log:
    """Files `output.log`, `output.1.log`, …: `files` of them, each at most `size` bytes and a line long.

    A disk that is full loses lines, never the replica: they are counted, and the log says so when there is room.
    """

    def __init__(self, folder: str, size: int, files: int) -> None:
        self._folder, self._size, self._files = folder, size, files
        self._lost = 0
        self._open()

    def write(self, stream: str, lines: list[tuple[str, str]]) -> None:
        if not lines:
            return
        stamp = now()
        text = "".join(f"{stamp} {stream} {tag} {line}\n" for tag, line in lines)
        if self._lost:
            text = f"{stamp} system F {self._lost} lines were lost: the disk was full\n{text}"
        self._append(text.encode("utf-8", "replace"), len(lines))

    def say(self, sentence: str) -> None:
        self.write("system", [("F", sentence)])

    def _append(self, data: bytes, lines: int) -> None:
        try:
            if self._written and self._written + len(data) > self._size:
                self._rotate()
            self._write_whole(data)
        except OSError:
            self._lost += lines
        else:
            self._lost = 0

    def _write_whole(self, data: bytes) -> None:
        written = os.write(self._descriptor, data)
        if written < len(data):
            os.ftruncate(self._descriptor, self._written)  # no half lines: the next one would go on in this one
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._written += written

    def _open(self) -> None:
        self._descriptor = os.open(self._path(0), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._written = os.fstat(self._descriptor).st_size

    def _rotate(self) -> None:
        for number in range(self._files - 1, 0, -1):
            if os.path.exists(self._path(number - 1)):
                os.replace(self._path(number - 1), self._path(number))
        os.close(self._descriptor)
        self._open()

    def _path(self, number: int) -> str:
        return f"{self._folder}/output{f'.{number}' if number else ''}.log"


def now() -> str:
    """RFC 3339 in UTC with milliseconds."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanoseconds // 1_000_000:03d}Z"
