"""A form from JSON Schema: what Backstage's templates ask for. Pure: schema and what was typed in, fields and values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

Kind: TypeAlias = Literal["text", "paragraph", "number", "choice", "flag", "owner"]
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `problem` is what was wrong with the answer; `mismatch` what the browser says where `pattern` doesn't match."""

    name: str
    title: str
    kind: Kind
    required: bool
    value: str
    help: str = ""
    placeholder: str = ""
    pattern: str | None = None
    mismatch: str = ""
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int = _LONGEST
    whole: bool = False
    options: tuple[tuple[str, str], ...] = ()
    suggestions: tuple[str, ...] = ()
    problem: str | None = None
    autofocus: bool = False

    @property
    def checked(self) -> bool:
        return self.value == "true"


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    description: str
    fields: tuple[Field, ...]


def sections(
    pages: Sequence[Mapping[str, Any]],
    *,
    owners: Sequence[str] = (),
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> tuple[Section, ...]:
    """The form. Without `typed` each field holds its default."""
    made = []
    for index, page in enumerate(pages):
        names = _ordered(page)
        fields = tuple(
            _field(name, page, owners, typed, (problems or {}).get(name), first=index == 0 and name == names[0])
            for name in names
        )
        made.append(Section(str(page.get("title", "")), str(page.get("description", "")), fields))
    return tuple(made)


def values(pages: Sequence[Mapping[str, Any]], typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed in as JSON values, and what is wrong with it, by field. What was left empty is left out."""
    answers: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for page in pages:
        properties = page.get("properties", {})
        given = {name: _value(properties[name], typed.get(name, "")) for name in properties}
        given = {name: value for name, value in given.items() if value is not None}
        for error in Draft202012Validator(dict(page)).iter_errors(given):
            for name in _names(error):
                problems.setdefault(name, _sentence(error, properties.get(name, {})))
        answers.update(given)
    return answers, problems


def _ordered(page: Mapping[str, Any]) -> list[str]:
    names = list(page.get("properties", {}))
    order = [name for name in page.get("ui:order", []) if name in names]
    return order + [name for name in names if name not in order]


def _field(
    name: str,
    page: Mapping[str, Any],
    owners: Sequence[str],
    typed: Mapping[str, str] | None,
    problem: str | None,
    *,
    first: bool,
) -> Field:
    schema = page["properties"][name]
    kind = _kind(schema)
    default = schema.get("default", "")
    untouched = str(default).lower() if isinstance(default, bool) else str(default)
    return Field(
        name=name,
        title=str(schema.get("title") or name.replace("_", " ").capitalize()),
        kind=kind,
        required=name in page.get("required", []),
        value=untouched if typed is None else typed.get(name, ""),
        help=str(schema.get("description", "")),
        placeholder=str(schema.get("ui:placeholder", "")),
        pattern=schema.get("pattern"),
        mismatch=_mismatch(schema),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        min_length=schema.get("minLength"),
        max_length=int(schema.get("maxLength", _LONGEST)),
        whole=schema.get("type") == "integer",
        options=_options(schema),
        suggestions=tuple(owners) if kind == "owner" else (),
        problem=problem,
        autofocus=bool(schema.get("ui:autofocus")) or first,
    )


def _kind(schema: Mapping[str, Any]) -> Kind:
    if schema.get("ui:field") in ("OwnerPicker", "EntityPicker"):
        return "owner"
    if "enum" in schema:
        return "choice"
    if schema.get("ui:widget") == "textarea":
        return "paragraph"
    kinds: dict[str, Kind] = {"boolean": "flag", "number": "number", "integer": "number"}
    return kinds.get(str(schema.get("type")), "text")


def _options(schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    values_ = [str(value) for value in schema.get("enum", [])]
    names = [str(name) for name in schema.get("enumNames", values_)]
    return tuple(zip(values_, names, strict=False))


def _value(schema: Mapping[str, Any], text: str) -> Any:
    """None where nothing was typed; text that isn't the number it should be stays text, and the schema says so."""
    if schema.get("type") == "boolean":
        return text == "true"
    if text == "":
        return None
    for value in schema.get("enum", []):
        if str(value) == text:
            return value
    try:
        return {"integer": int, "number": float}.get(str(schema.get("type")), str)(text)
    except ValueError:
        return text


def _names(error: ValidationError) -> list[str]:
    if error.validator == "required" and not error.absolute_path:
        return [name for name in error.validator_value if name not in error.instance]
    return [str(error.absolute_path[0])] if error.absolute_path else []


def _mismatch(schema: Mapping[str, Any]) -> str:
    given = schema.get("ui:patternMessage") or schema.get("patternMessage")
    return str(given) if given else f"This does not match {schema['pattern']}" if "pattern" in schema else ""


def _sentence(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """What is wrong, in a person's words; the same for the browser's check and ours."""
    limit = error.validator_value
    match error.validator:
        case "required":
            return "This is needed."
        case "pattern":
            return _mismatch(schema)
        case "enum":
            return "Choose one of the options."
        case "type":
            return "Write a whole number." if limit == "integer" else f"This must be a {limit}."
        case "minLength":
            return f"Write at least {limit} characters."
        case "maxLength":
            return f"Write at most {limit} characters."
        case "minimum":
            return f"This must be {limit} or more."
        case "maximum":
            return f"This must be {limit} or less."
        case _:
            return error.message
