"""The form of a resource type: questions from its properties, and what was typed in as properties of a declaration.

Pure. The questions go through `schema_form`, as a golden path's do. What begins with `=` is a Python expression
(`=db.host`); a secret is asked for by its name only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from roadbed.kit.errors import InvalidInput
from roadbed.portal.components.schema_form import Section, sections
from roadbed.resource_types.domain import Declaration, PropertyView, TypeView
from roadbed.workload.document import plain
from roadbed.workload.parsing import parse_document

NAME = "resource-name"
"""The question for the resource's own name. It can't be taken for a property's: those are asked by their names."""

_PARAGRAPH = 1_000
"""Text that may be longer is asked for in a larger field."""
_PAIR = re.compile(r"([^:=\s]+)\s*[:=]\s*(.*)")


def form(
    view: TypeView, typed: Mapping[str, str] | None = None, declaration: Declaration | None = None
) -> tuple[Section, ...]:
    """First what is needed, then the rest. With a `declaration`, each question says what is wrong with its answer."""
    pages = [_page("", [one for one in view.properties if one.required], named=True)]
    if optional := [one for one in view.properties if not one.required]:
        pages.append(_page("Optional", optional))
    return sections(pages, {}, typed=typed, problems=said(declaration) if declaration else None)


def said(declaration: Declaration, *, missing: bool = True) -> dict[str, str]:
    """What is wrong, by question."""
    found: dict[str, str] = {}
    for one in declaration.problems:
        if missing or not one.missing:
            found.setdefault(
                one.property or NAME, "This is needed." if one.missing else _sentence(one.message, one.hint)
            )
    return found


def _sentence(message: str, hint: str | None) -> str:
    text = f"{message[:1].upper()}{message[1:300]}."
    return f"{text} {hint[:1].upper()}{hint[1:]}." if hint else text


def properties(view: TypeView, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed in as values, and what can't be read, by property. What was left as it is is left out."""
    given: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for one in view.properties:
        try:
            value = _value(one, typed.get(one.name, ""))
        except InvalidInput as error:
            problems[one.name] = _sentence(error.message, error.hint)
            continue
        if value is not None:
            given[one.name] = value
    return given, problems


def _page(title: str, asked: Sequence[PropertyView], *, named: bool = False) -> dict[str, Any]:
    name = {NAME: {"title": "Name", "type": "string", "maxLength": 128, "ui:placeholder": "db", "ui:autofocus": True,
                   "ui:help": "What it is called in its stack."}}  # fmt: skip
    questions = {one.name: _question(one) for one in asked}
    required = [one.name for one in asked if one.required] + ([NAME] if named else [])
    return {"title": title, "properties": {**(name if named else {}), **questions}, "required": required}


def _question(one: PropertyView) -> dict[str, Any]:
    kind = _kind(one)
    asked = {"title": one.name, "description": one.description, "ui:badges": _badges(one), "ui:code": True}
    if kind == "flag":
        return {**asked, "type": "boolean", "default": one.default is True}
    if kind == "choice":
        unchosen = f"{one.default} (default)" if one.default is not None else "Choose…"
        return {**asked, "enum": one.schema["enum"], "ui:unchosen": unchosen}
    widget = {"ui:widget": "textarea"} if kind in ("lines", "pairs", "yaml", "paragraph") else {}
    hints = {"ui:help": _HELP.get(kind, ""), "ui:placeholder": _placeholder(one, kind)}
    return {**asked, **widget, **hints, "type": "string"}


_HELP = {
    "secret": "Give the name that the secret is kept under, never its value.",
    "lines": "One on a line.",
    "pairs": "One NAME: value on a line.",
    "yaml": "Write it as YAML.",
}


def _placeholder(one: PropertyView, kind: str) -> str:
    if kind == "secret":
        return "DB_PASSWORD"
    return "" if one.default is None else str(one.default)


def _badges(one: PropertyView) -> list[str]:
    return (["secret"] if one.secret else []) + (["a change replaces it"] if one.replaces else [])


def _kind(one: PropertyView) -> str:
    """How it is asked for: flag, choice, secret, lines, pairs, yaml, paragraph, number or text."""
    schema = one.schema
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if one.secret:
        return "secret"
    if "enum" in schema:
        return "choice"
    if "boolean" in kinds:
        return "flag"
    if "array" in kinds and _simple(schema.get("items")):
        return "lines"
    if "object" in kinds and _is_text(schema.get("additionalProperties")):
        return "pairs"
    if "array" in kinds or "object" in kinds or not (kinds or "anyOf" in schema):
        return "yaml"
    return "paragraph" if int(schema.get("maxLength", 0)) > _PARAGRAPH else "text"


def _simple(items: Any) -> bool:
    """Whether each of a list stands on one line."""
    return isinstance(items, Mapping) and ("enum" in items or items.get("type") in ("string", "integer", "number"))


def _is_text(inner: Any) -> bool:
    return isinstance(inner, Mapping) and inner.get("type") == "string"


def _value(one: PropertyView, text: str) -> Any:
    """None where nothing was typed, or what it is anyway. Raises InvalidInput for what can't be read."""
    kind, stripped = _kind(one), text.strip()
    if kind == "flag":
        return None if (text == "true") == (one.default is True) else text == "true"
    if not stripped:
        return None
    if stripped.startswith("=") and "\n" not in stripped:
        return _spoken(stripped)
    return _read(kind, one, text)


def _read(kind: str, one: PropertyView, text: str) -> Any:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    match kind:
        case "secret":
            return {"$secret": text.strip()}
        case "choice":
            return next((known for known in one.schema["enum"] if str(known) == text.strip()), text)
        case "lines":
            return [_scalar(line, one.schema["items"]) for line in lines]
        case "pairs":
            return dict(map(_pair, lines))
        case "yaml":
            return _expressions(plain(parse_document(text, one.name)))
        case "paragraph":
            return text
        case _:
            return _scalar(text.strip(), one.schema)


def _pair(line: str) -> tuple[str, Any]:
    found = _PAIR.fullmatch(line)
    if found is None:
        raise InvalidInput(f"{line[:60]!r} has no value", hint="write NAME: value")
    return found[1], _spoken(found[2])


def _scalar(text: str, schema: Mapping[str, Any]) -> Any:
    """Text, or the number that is asked for; what should be one and isn't stays text, and the engine says so."""
    spoken = _spoken(text)
    kinds = [schema.get("type"), *(one.get("type") for one in schema.get("anyOf", ()))]
    flat = {kind for one in kinds for kind in (one if isinstance(one, list) else [one])}
    for kind, read in _NUMBERS.items():
        if kind in flat and isinstance(spoken, str):
            with suppress(ValueError):
                return read(spoken)
    return spoken


def _number(text: str) -> float:
    """A whole one stays whole. Raises ValueError for what is none, or no finite one."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return int(number) if number.is_integer() else number


_NUMBERS: Mapping[str, Callable[[str], float]] = {"integer": int, "number": _number}


def _spoken(text: str) -> Any:
    """`=db.host` is an expression, `==` the beginning of text that begins with an equals sign."""
    if not text.startswith("="):
        return text
    return text[1:] if text.startswith("==") else {"$python": text[1:].strip()}


def _expressions(value: Any) -> Any:
    match value:
        case str():
            return _spoken(value)
        case dict():
            return {key: _expressions(one) for key, one in value.items()}
        case list():
            return [_expressions(one) for one in value]
        case _:
            return value
