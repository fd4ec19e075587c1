"""Functions of what is known only after apply, for what an f-string can't do.

Each gives a deferred value, which goes wherever a reference goes. A secret stays a secret through all of them.

    from roadbed.sdk import deferred

    url = f"postgres://{db.username}:{deferred.url_quote(db.password)}@{db.host}/app"
    Resource("file:File", "config", content=deferred.json({"database": url, "port": db.port}))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from roadbed.sdk import graph
from roadbed.sdk.references import Deferred, Expression

Text: TypeAlias = str | Deferred


def join(separator: Text, parts: Sequence[object] | Deferred) -> Deferred:
    """The parts as one text with the separator between them. `parts` is a list, or what will be one."""
    return _call("join", separator, parts)


def json(value: object) -> Deferred:
    """The value as JSON: keys sorted, without spaces."""
    return _call("json", value)


def base64(text: Text) -> Deferred:
    """The text's UTF-8 bytes in Base64."""
    return _call("base64", text)


def base64_decode(text: Text) -> Deferred:
    """The text that stands in Base64. Apply fails on what isn't UTF-8 inside."""
    return _call("base64_decode", text)


def url_quote(text: Text) -> Deferred:
    """The text as it must stand in any part of a URL: everything but letters, digits and `_.-~` is escaped."""
    return _call("url_quote", text)


def lower(text: Text) -> Deferred:
    """The text in lower case."""
    return _call("lower", text)


def upper(text: Text) -> Deferred:
    """The text in upper case."""
    return _call("upper", text)


def strip(text: Text) -> Deferred:
    """The text without white space at either end."""
    return _call("strip", text)


def replace(text: Text, old: Text, new: Text) -> Deferred:
    """The text with every `old` in it replaced by `new`."""
    return _call("replace", text, old, new)


def sha256(text: Text) -> Deferred:
    """The SHA-256 of the text's UTF-8 bytes, in hexadecimal."""
    return _call("sha256", text)


def text(value: object) -> Deferred:
    """The value as text: `5432` becomes `"5432"`, a list or map becomes JSON."""
    return _call("text", value)


def number(text: Text) -> Deferred:
    """The number that the text says. Apply fails where it says none."""
    return _call("number", text)


def _call(function: str, *arguments: object) -> Deferred:
    encoded = [graph.encode(argument, f"deferred.{function}") for argument in arguments]
    return Expression({"$call": [function, *encoded]}, f"{function}(…)")
