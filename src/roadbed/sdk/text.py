"""Text that holds references, and answers only what doesn't depend on their values.

`f"{db.host}"` gives a `ReferringText`, and so does whatever is put together of it with `+` and `*`. What Python itself
puts together (`f"a{db.host}"`, `join`, `%`, `format`) is a plain `str` with a marker in it; in people's programs the
host makes that a `ReferringText` too (`roadbed.sdk.hosted.source`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, SupportsIndex

from roadbed.sdk import markers
from roadbed.sdk.errors import ProgramError

_DEFERRED = {
    **dict.fromkeys(("lower", "casefold"), "lower"),
    **dict.fromkeys(("upper", "capitalize", "title"), "upper"),
    **dict.fromkeys(("strip", "lstrip", "rstrip"), "strip"),
    "replace": "replace",
    "join": "join",
    "encode": "base64",
}
_LINES = (
    "put the reference in after the lines were split or indented; "
    r'roadbed.sdk.deferred.replace(value, "\n", "\n  ") indents the lines of a value'
)


def kept(value: Any) -> Any:
    """The value, as a `ReferringText` if it is text that holds a reference."""
    if type(value) is str and not value.isascii() and markers.holds(value):
        return ReferringText(value)
    return value


def deferred_instead(method: str) -> str | None:
    """What does later what that method of text does, if anything."""
    function = _DEFERRED.get(method)
    return function and f"use roadbed.sdk.deferred.{function}: it is done once the value is known"


def _refusal(what: str, hint: str | None = None) -> Callable[..., NoReturn]:
    def refuse(self: ReferringText, *_: object, **__: object) -> NoReturn:
        self._refuse(what, hint)

    return refuse


class ReferringText(str):
    """Text with at least one whole marker in it.

    It can be put together with other text. It answers whether it is empty, what it starts and ends with, and whether
    it holds a piece of text, where what stands around the references decides that. All else raises ProgramError.
    """

    __slots__ = ()

    def __add__(self, other: object) -> Any:
        return kept(str.__add__(self, other)) if isinstance(other, str) else NotImplemented

    def __radd__(self, other: object) -> Any:
        return kept(str.__add__(other, self)) if isinstance(other, str) else NotImplemented

    def __mul__(self, times: SupportsIndex) -> Any:
        return kept(str.__mul__(self, times))

    __rmul__ = __mul__

    def __format__(self, spec: str) -> str:
        if spec:
            self._refuse(f"the format {spec!r}")
        return self

    def __bool__(self) -> bool:
        return bool(self._known()) or self._refuse("a test for empty text")

    def __contains__(self, piece: object) -> bool:
        return any(piece in part for part in self._known()) or self._refuse("in")  # type: ignore[operator]

    def startswith(self, prefix: str | tuple[str, ...], *bounds: SupportsIndex | None) -> bool:
        first, wanted = self._parts()[0], prefix if isinstance(prefix, tuple) else (prefix,)
        known = first if isinstance(first, str) else ""
        if bounds or (not known.startswith(wanted) and any(one.startswith(known) for one in wanted)):
            self._refuse(".startswith()")
        return known.startswith(wanted)

    def endswith(self, suffix: str | tuple[str, ...], *bounds: SupportsIndex | None) -> bool:
        last, wanted = self._parts()[-1], suffix if isinstance(suffix, tuple) else (suffix,)
        known = last if isinstance(last, str) else ""
        if bounds or (not known.endswith(wanted) and any(one.endswith(known) for one in wanted)):
            self._refuse(".endswith()")
        return known.endswith(wanted)

    def strip(self, characters: str | None = None, /) -> str:
        return self.lstrip(characters).rstrip(characters)

    def lstrip(self, characters: str | None = None, /) -> str:
        return self._stripped(str.lstrip(self, characters), 0)

    def rstrip(self, characters: str | None = None, /) -> str:
        return self._stripped(str.rstrip(self, characters), -1)

    def _stripped(self, text: str, end: int) -> str:
        """Refuses where all that is known at that end was stripped, and a value stands there now."""
        if not isinstance(markers.split(text)[end], str):
            self._refuse(".strip()", deferred_instead("strip"))
        return ReferringText(text)

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Always raises: UnicodeEncodeError, or ProgramError where such errors would be ignored."""
        if errors != "strict":
            self._refuse(".encode()", deferred_instead("encode"))
        return str.encode(self, encoding)

    def __eq__(self, other: object) -> Any:
        return self._refuse("a comparison") if isinstance(other, str) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return self._refuse("a comparison") if isinstance(other, str) else NotImplemented

    __hash__ = _refusal("a key of a map or a set")

    def _parts(self) -> list[str | markers.Marked]:
        return markers.split(self)

    def _known(self) -> list[str]:
        """What stands around the references."""
        return [part for part in self._parts() if isinstance(part, str)]

    def _refuse(self, what: str, hint: str | None = None) -> NoReturn:
        read = markers.quoted(self)
        message = f"a reference inside {read} can't be cut, changed or encoded: {what} needs its value"
        raise ProgramError(message, hint or markers.HINT)


_OPERATIONS = {
    **dict.fromkeys(("__lt__", "__le__", "__gt__", "__ge__"), "a comparison"),
    "__len__": "len()",
    "__iter__": "a loop over it",
    "__reversed__": "reversed()",
    "__getitem__": "a slice or an index",
    "__int__": "int()",
    "__float__": "float()",
    "__complex__": "complex()",
}
_METHODS = (
    *("capitalize", "casefold", "lower", "swapcase", "title", "upper"),
    *("center", "expandtabs", "ljust", "rjust", "zfill"),
    *("removeprefix", "removesuffix", "replace", "translate"),
    *("count", "find", "index", "rfind", "rindex"),
    *("partition", "rpartition", "rsplit", "split", "splitlines"),
    *("isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric"),
    *("isprintable", "isspace", "istitle", "isupper"),
)
_HINTS = dict.fromkeys(("expandtabs", "split", "splitlines"), _LINES)

for _name, _what in _OPERATIONS.items():
    setattr(ReferringText, _name, _refusal(_what))
for _name in _METHODS:
    setattr(ReferringText, _name, _refusal(f".{_name}()", _HINTS.get(_name) or deferred_instead(_name)))
