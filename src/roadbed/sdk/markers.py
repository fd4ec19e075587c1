"""How deferred values travel through text: as markers that nothing can touch unnoticed.

A marker begins with a capital and ends with a small letter of an alphabet that configuration is never written in
(Deseret), so a change of case breaks it; between them stand lone surrogates, which no encoding takes, so that
`.encode()` fails at the user's own line. These characters are in no other text: whatever a slice leaves of them is
seen. The digits hold a number and its checksum, so that two halves never make a whole. Between the digits stand the
signs that quote: who escapes text by hand, for JSON, XML, CSV, SQL or a shell, changes one of them, and that is seen.
"""

from __future__ import annotations

import re
import zlib
from typing import NoReturn

from roadbed.sdk.errors import ProgramError

HINT = (
    "put it into text with an f-string, or pass it on as it is: its value is known only after apply; "
    "roadbed.sdk.deferred has what formatting can't do (JSON, Base64, case, replacing)"
)

REPR_HINT = (
    'put a reference into text by itself, as in f"{db.host}", not a resource, a list or a map; '
    "roadbed.sdk.deferred.json makes text of those"
)

_FIRST, _LAST = "\U00010412", "\U0001043a"
_ZERO = 0xDB80  # to U+DBFF: no half of anything that people write
_DIGITS = "\udb80-\udbff"
_SIGNS = "'\"&\"'"  # never two of them side by side: a slice of two characters holds one that is peculiar
_MARKER = re.compile(_FIRST + "".join(f"[{_DIGITS}]{sign}" for sign in _SIGNS) + f"[{_DIGITS}]{{3}}{_LAST}")
_REPR = re.compile(r"(?:⟦|\\u27e6)[^⟦⟧]{0,2000}?(?:⟧|\\u27e7)")
_TOLD = ", known after apply"
_TRACE = re.compile(
    f"[{_FIRST}{_LAST}{_FIRST.lower()}{_LAST.upper()}{_DIGITS}]"
    r"|\\u[dD][bB][89a-fA-F]"  # repr, ascii, json.dumps, errors="backslashreplace"
    r"|&#56[123]\d\d;"  # errors="xmlcharrefreplace"
)

_REMAIN = (
    f"(?:[{_FIRST}{_LAST}{_FIRST.lower()}{_LAST.upper()}\ud800-\udfff]"
    r"|\\u[dD][bB][89a-fA-F][0-9a-fA-F]?|\\U000104(?:12|3[aA])|\\u[dD]801(?:\\u[dD]c(?:12|3[aA]))?"
    r"|&#(?:56[123]\d\d|66578|66618);)"
)
_SIGN = r"(?:[\\'\"&]|(?:amp|quot|apos|#x27|#39);)"
_REMAINS = re.compile(f"{_REMAIN}(?:{_SIGN}*{_REMAIN})*")
"""What is left of a marker, raw or escaped: for people it is one sign, however much of it there is."""


def told(label: str) -> str:
    """What `repr` of something says that is no text: seen where it was written into text all the same."""
    return f"⟦{label}{_TOLD}⟧"


class Marked:
    """What a marker can stand for."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """What people read where it stands in text."""
        raise NotImplementedError


_written: dict[str, Marked] = {}


def write(value: Marked) -> str:
    """A new marker that stands for the value."""
    index = len(_written)
    digits = _digits(index) + _digits(zlib.crc32(b"%d" % index))
    signed = "".join([digit + sign for digit, sign in zip(digits, _SIGNS, strict=False)])
    marker = f"{_FIRST}{signed}{digits[len(_SIGNS) :]}{_LAST}"
    _written[marker] = value
    return marker


def _digits(number: int) -> str:
    """The lowest 28 bits, as four digits."""
    return "".join([chr(_ZERO + (number >> shift & 0x7F)) for shift in (0, 7, 14, 21)])


def is_plain(text: str) -> bool:
    """Nearly all text can't hold anything of a marker, which is decided in no time."""
    return str.isascii(text) and "\\" not in text and "&" not in text


def holds(text: str) -> bool:
    """Whether there is a whole marker in it."""
    return _MARKER.search(text) is not None


def split(text: str) -> list[str | Marked]:
    """Text and deferred values in their order, without empty text. Raises ProgramError where a marker was damaged."""
    text = str.__str__(text)  # a ReferringText refuses to be looked at
    if is_plain(text):
        return [text] if text else []
    parts: list[str | Marked] = []
    end = 0
    for match in _MARKER.finditer(text):
        value = _written.get(match[0])
        if value is None:
            _damaged(text)
        parts += [_whole(text, end, match.start()), value]
        end = match.end()
    parts.append(_whole(text, end, len(text)))
    return [part for part in parts if not isinstance(part, str) or part]


def _whole(text: str, start: int, end: int) -> str:
    part = text[start:end]
    if _TRACE.search(part):
        _damaged(text)
    if any(_TOLD in match[0] for match in _REPR.finditer(part)):
        raise ProgramError(f"{quoted(text)} has something in it that is no text, as str() or !r writes it", REPR_HINT)
    return part


def shown(text: str) -> str:
    """Text for people to read: each marker as `⟦db.host⟧`, what is left of one as `�`."""
    text = str.__str__(text)
    read = _MARKER.sub(lambda match: f"⟦{_written[match[0]].label}⟧" if match[0] in _written else "�", text)
    if is_plain(read):
        return read
    return _REMAINS.sub("�", read)


def _damaged(text: str) -> NoReturn:
    raise ProgramError(f"a reference inside {quoted(text)} was cut, changed or encoded", HINT)


def quoted(text: str) -> str:
    """Text for a message: readable, in quotes, and not without end."""
    read = shown(text)
    return repr(read if len(read) <= 120 else f"{read[:117]}…")
