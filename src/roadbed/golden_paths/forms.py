"""Forms: what a person fills in, checked against the JSON Schemas of a template's pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry

from roadbed.kit.errors import Findings, InvalidInput, Problem
from roadbed.workload.reader import nearest
from roadbed.workload.schedules import wrong_schedule, wrong_timezone

MAX_BYTES = 100_000
_MAX_DEPTH = 20
_CONDITIONAL = ("dependencies", "allOf", "anyOf", "oneOf", "if")


FORMATS = FormatChecker(formats=())
"""Those of a field that are checked, beyond what JSON Schema can say."""


@FORMATS.checks("cron", raises=ValueError)
def _is_cron(value: object) -> bool:
    return _raise_if(wrong_schedule(value) if isinstance(value, str) else None)


@FORMATS.checks("timezone", raises=ValueError)
def _is_timezone(value: object) -> bool:
    return _raise_if(wrong_timezone(value) if isinstance(value, str) else None)


def _raise_if(wrong: str | None) -> bool:
    if wrong is not None:
        raise ValueError(wrong)
    return True


@dataclass(frozen=True, slots=True)
class Picker:
    """A field that names an entity of the catalog, of one of these kinds (in lower case)."""

    field: str
    kinds: tuple[str, ...]


def fill(pages: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a run: what was given, in the types that the form asks for, and defaults for the rest.

    What was left empty counts as not given. Raises InvalidInput, naming every field that is wrong.
    """
    values = {key: value for key, value in given.items() if value not in ("", None)}
    _check_depth(values)
    findings = Findings()
    for page in pages:
        _prepare(page, values)
        # An empty registry: a schema never makes this process fetch anything.
        validator = Draft7Validator(page, registry=Registry(), format_checker=FORMATS)
        for error in sorted(validator.iter_errors(values), key=lambda error: list(map(str, error.absolute_path))):
            findings.add(_problem(error))
    _check_known(pages, values, findings)
    findings.raise_if_any("the form")
    return values


def pickers(pages: Sequence[Mapping[str, Any]]) -> list[Picker]:
    """The fields in which entities are picked."""
    return [
        picker
        for page in pages
        for name, schema in page.get("properties", {}).items()
        if isinstance(schema, Mapping) and (picker := _picker(name, schema))
    ]


def _picker(name: str, schema: Mapping[str, Any]) -> Picker | None:
    widget = schema.get("ui:field")
    if widget not in ("OwnerPicker", "EntityPicker"):
        return None
    options = schema.get("ui:options")
    wanted = options.get("catalogFilter") if isinstance(options, Mapping) else None
    filters = wanted if isinstance(wanted, list) else [wanted]
    kinds = [kind for item in filters if isinstance(item, Mapping) for kind in _listed(item.get("kind"))]
    if not kinds and widget == "OwnerPicker":
        kinds = ["group", "user"]
    return Picker(name, tuple(str(kind).lower() for kind in kinds))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _prepare(schema: Mapping[str, Any], values: dict[str, Any]) -> None:
    """Puts defaults in, and numbers and booleans where a form or a command line could give only text."""
    for name, field in schema.get("properties", {}).items():
        if not isinstance(field, Mapping):
            continue
        if name not in values and "default" in field:
            values[name] = field["default"]
        value = values.get(name)
        if isinstance(value, dict):
            _prepare(field, value)
        elif isinstance(value, str):
            values[name] = _converted(value, field.get("type"))


def _converted(text: str, kind: object) -> Any:
    try:
        match kind:
            case "integer":
                return int(text)
            case "number":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}.get(text, text)
    except ValueError:
        pass  # the schema says what is wrong with it
    return text


def _problem(error: ValidationError) -> Problem:
    field = ".".join(str(part) for part in error.absolute_path)
    shown = repr(error.instance)
    value = shown if len(shown) < 80 else "this value"
    hint = error.schema.get("ui:help") or error.schema.get("description") if isinstance(error.schema, Mapping) else None
    rule: Any = error.validator_value
    match error.validator:
        case "required":
            missing = error.message.removesuffix(" is a required property").strip("'\"")
            return Problem(f"{f'{field}.' if field else ''}{missing} is missing", _help(error, missing))
        case "pattern":
            return Problem(f"{field}: {value} has the wrong form", hint or f"it must match {rule}")
        case "enum":
            return Problem(f"{field}: {value} is not among the choices", f"choose {' or '.join(map(str, rule))}")
        case "format" if error.cause is not None:
            return Problem(f"{field}: {error.cause}", hint)
        case "not":
            return Problem(f"{field}: {value} is not possible here", hint)
        case _:
            return Problem(f"{field or 'the form'}: {error.message[:300]}", hint)


def _help(error: ValidationError, field: str) -> str | None:
    schema = error.schema.get("properties", {}).get(field) if isinstance(error.schema, Mapping) else None
    return schema.get("description") or schema.get("ui:help") if isinstance(schema, Mapping) else None


def _check_known(pages: Sequence[Mapping[str, Any]], values: Mapping[str, Any], findings: Findings) -> None:
    """A misspelt parameter would silently do nothing. Not asked where fields depend on each other."""
    if any(key in page for page in pages for key in _CONDITIONAL):
        return
    known = {name for page in pages for name in page.get("properties", {})}
    for name in values:
        if name not in known:
            findings.add(Problem(f"{name[:80]} is no parameter of this template", nearest(name, known)))


def _check_depth(values: Mapping[str, Any]) -> None:
    if max(_depths(values), default=0) > _MAX_DEPTH:
        raise InvalidInput(f"the parameters are nested more than {_MAX_DEPTH} deep")


def _depths(root: Any) -> Iterator[int]:
    waiting = [(root, 0)]
    while waiting:
        value, depth = waiting.pop()
        yield depth
        if depth <= _MAX_DEPTH and isinstance(value, (Mapping, list)):
            children = value.values() if isinstance(value, Mapping) else value
            waiting += [(child, depth + 1) for child in children]
