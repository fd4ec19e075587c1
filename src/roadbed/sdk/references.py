"""Deferred values: what is known only after apply.

An output of a resource is one (`Reference`), and so are a secret, what another stack exports, and what a deferred
function gives. All of them go into text, lists and maps; what Python can't be made to defer (comparing, slicing,
counting, encoding) they refuse by themselves, at the user's own line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from roadbed.sdk import markers
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.text import ReferringText, deferred_instead


def _refusal(what: str) -> Callable[..., NoReturn]:
    def refuse(self: Deferred, *_: object, **__: object) -> NoReturn:
        raise ProgramError(f"{self.title} can't be {what}", markers.HINT)

    return refuse


class Deferred(markers.Marked):
    """A value that is known only after apply."""

    __slots__ = ()

    @property
    def expression(self) -> Any:
        """How the graph document says it."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What an error calls it."""
        return self.label

    def __getitem__(self, key: str | int | slice) -> Deferred:
        """A part of it, when it will be a map or a list."""
        if isinstance(key, slice):
            self._refuse("sliced")
        return self._part(str(key))

    def _part(self, path: str) -> Deferred:
        return Expression({"$call": ["get", self.expression, path]}, f"{self.label}.{path}")

    def __str__(self) -> str:
        return ReferringText(markers.write(self))

    def __format__(self, spec: str) -> str:
        if spec:
            self._refuse(f"formatted with {spec!r}")
        return str(self)

    def __repr__(self) -> str:
        return markers.told(self.label)

    def __add__(self, other: object) -> str:
        return str(self) + self._text(other)

    def __radd__(self, other: object) -> str:
        return self._text(other) + str(self)

    def _text(self, other: object) -> str:
        if not isinstance(other, str | Deferred):
            self._refuse("calculated with")
        return str(other)

    def _refuse(self, what: str) -> NoReturn:
        raise ProgramError(f"{self.title} can't be {what}", markers.HINT)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ProgramError(f"{self.title} can't be asked for .{name}", _instead(name))

    def __eq__(self, other: object) -> NoReturn:
        self._refuse("compared")

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refusal("compared")
    __hash__ = _refusal("a key of a map, or stand in a set")
    __bool__ = _refusal("tested: a program can't branch on what isn't known")
    __len__ = _refusal("counted")
    __iter__ = __next__ = __reversed__ = _refusal("looped over")
    __contains__ = _refusal("searched")
    __call__ = _refusal("called")
    __bytes__ = _refusal("encoded")
    __int__ = __float__ = __complex__ = __index__ = __round__ = _refusal("made a number")
    __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = __matmul__ = _refusal("calculated with")
    __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = __rmatmul__ = __sub__
    __and__ = __or__ = __xor__ = __lshift__ = __rshift__ = __rand__ = __ror__ = __rxor__ = __sub__
    __rlshift__ = __rrshift__ = __neg__ = __pos__ = __abs__ = __invert__ = __divmod__ = __rdivmod__ = __sub__
    __setitem__ = __delitem__ = _refusal("changed")
    __enter__ = __exit__ = _refusal("entered")


class Expression(Deferred):
    """A secret, what another stack exports, or what a deferred function gives."""

    __slots__ = ("_expression", "_label")

    def __init__(self, expression: Any, label: str) -> None:
        self._expression, self._label = expression, label

    @property
    def expression(self) -> Any:
        return self._expression

    @property
    def label(self) -> str:
        return self._label


class Reference(Deferred):
    """An output of a resource: `db.host`, `db["Endpoint.Address"]`. Used whole it keeps its type."""

    __slots__ = ("output", "urn")

    def __init__(self, urn: str, output: str) -> None:
        self.urn, self.output = urn, output

    @property
    def expression(self) -> Any:
        return {"$ref": [self.urn, self.output]}

    @property
    def label(self) -> str:
        return f"{self.urn.partition('#')[0].rpartition('/')[2]}.{self.output}"

    @property
    def title(self) -> str:
        return f"{self.output!r} of {self.urn}"

    def _part(self, path: str) -> Reference:
        return Reference(self.urn, f"{self.output}.{path}")


def _instead(name: str) -> str:
    """What to write for a method of text or a part of a map that was asked for."""
    return deferred_instead(name) or f"a part of a map is written [{name!r}]; {markers.HINT}"
