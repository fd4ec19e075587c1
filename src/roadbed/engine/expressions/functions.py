"""The deferred functions: what a program may ask to be done with values that are known only after apply. Pure.

Each takes resolved values in the clear and gives a value. Their names and arguments are those of `{"$call": […]}`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from roadbed.engine.expressions.sizes import check_length, check_text
from roadbed.kit.errors import InvalidInput


def call(name: str, arguments: list[Any]) -> Any:
    """Raises InvalidInput for a function that there isn't, and for arguments that it can't take."""
    if (function := FUNCTIONS.get(name)) is None:
        raise InvalidInput(f"there is no deferred function {name!r}", hint=f"there are: {', '.join(FUNCTIONS)}")
    check_text(arguments)
    try:
        return function(*arguments)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        # Never the arguments themselves: they may be secret.
        kinds = ", ".join(type(argument).__name__ for argument in arguments)
        raise InvalidInput(f"{name}() can't take ({kinds}): {type(error).__name__}") from None


def pick(value: Any, path: str) -> Any:
    """A part of a value by a dotted path, or the item of just that name. Raises KeyError, IndexError or ValueError."""
    if isinstance(value, Mapping) and path in value:
        return value[path]
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def concatenated(separator: str, items: list[Any]) -> str:
    """Raises InvalidInput for what would be too long, before it is made; so does whatever can multiply text."""
    check_text(items)
    texts = [text(item) for item in items]
    check_length(len(separator) * len(texts) + sum(map(len, texts)))
    return separator.join(texts)


def _replace(value: str, old: str, new: str) -> str:
    check_length(len(value) + value.count(old) * max(0, len(new) - len(old)))
    return value.replace(old, new)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def text(value: Any) -> str:
    """As it stands in text: JSON's words for what isn't text."""
    return value if isinstance(value, str) else _json(value)


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError
    return value if not isinstance(value, str) else int(value) if value.lstrip("+-").isdigit() else float(value)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "join": concatenated,
    "json": _json,
    "text": text,
    "number": _number,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64_decode": lambda value: base64.b64decode(value, validate=True).decode(),
    "url_quote": lambda value: quote(text(value), safe=""),
    "lower": lambda value: value.lower(),
    "upper": lambda value: value.upper(),
    "strip": lambda value: value.strip(),
    "replace": _replace,
    "sha256": lambda value: hashlib.sha256(value.encode()).hexdigest(),
    "get": pick,
}
