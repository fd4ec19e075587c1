"""A form from JSON Schema, as Backstage's templates ask for it.

Pure: schema and what was typed in, fields and values out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from roadbed.golden_paths.forms import FORMATS

Kind: TypeAlias = Literal["text", "paragraph", "number", "choice", "flag"]
Suggestions: TypeAlias = Mapping[str, Sequence[str]]
"""What the platform knows for a field: teams, systems, environments."""

_LONGEST = 10_000
_CHOICES = frozenset({"OwnerPicker", "EnvironmentPicker"})


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `value` and `default` are text as the browser has it; `options` are values and labels.

    `mismatch` is what the browser says where `pattern` doesn't match, `problem` what was wrong with the last answer.
    `code`: its title and its answer are names in a program; `unchosen` stands for no choice.
    """

    name: str
    title: str
    kind: Kind
    required: bool
    value: str
    default: str = ""
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
    code: bool = False
    badges: tuple[str, ...] = ()
    unchosen: str = "Choose…"

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
    suggestions: Suggestions,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> tuple[Section, ...]:
    """The form. Without `typed` each field holds its default."""
    return tuple(
        Section(
            str(page.get("title", "")),
            str(page.get("description", "")),
            tuple(
                _field(name, page, suggestions.get(name, ()), typed, (problems or {}).get(name))
                for name in _ordered(page)
            ),
        )
        for page in pages
    )


def values(pages: Sequence[Mapping[str, Any]], typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed in as JSON values, and what is wrong with it, by field. What was left empty is left out."""
    answers: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for page in pages:
        properties = page.get("properties", {})
        given = {name: _value(properties[name], typed.get(name, "")) for name in properties}
        given = {name: value for name, value in given.items() if value is not None}
        # An empty registry: a schema never makes this process fetch anything.
        for error in Draft7Validator(page, registry=Registry(), format_checker=FORMATS).iter_errors(given):
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
    suggestions: Sequence[str],
    typed: Mapping[str, str] | None,
    problem: str | None,
) -> Field:
    schema = page["properties"][name]
    options = _options(schema, suggestions)
    return Field(
        name=name,
        title=str(schema.get("title") or name.replace("_", " ").capitalize()),
        kind=_kind(schema, options),
        required=name in page.get("required", []),
        value=_default(schema, suggestions) if typed is None else typed.get(name, ""),
        default=_default(schema, ()),
        help=" ".join(str(schema[key]) for key in ("description", "ui:help") if schema.get(key)),
        placeholder=str(schema.get("ui:placeholder", "")),
        pattern=schema.get("pattern"),
        mismatch=_mismatch(schema),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        min_length=schema.get("minLength"),
        max_length=int(schema.get("maxLength", _LONGEST)),
        whole=schema.get("type") == "integer",
        options=options,
        suggestions=() if options else tuple(suggestions),
        problem=problem,
        autofocus=bool(schema.get("ui:autofocus")),
        code=bool(schema.get("ui:code")),
        badges=tuple(schema.get("ui:badges", ())),
        unchosen=str(schema.get("ui:unchosen", "Choose…")),
    )


def _default(schema: Mapping[str, Any], suggestions: Sequence[str]) -> str:
    """A required pick starts with what was suggested first: the caller's own team, the first environment."""
    default = schema.get("default")
    if default is None and schema.get("ui:field") in _CHOICES and suggestions:
        return suggestions[0]
    if isinstance(default, bool):
        return "true" if default else ""
    return "" if default is None else str(default)


def _kind(schema: Mapping[str, Any], options: Sequence[tuple[str, str]]) -> Kind:
    if options:
        return "choice"
    if schema.get("ui:widget") == "textarea":
        return "paragraph"
    kinds: dict[str, Kind] = {"boolean": "flag", "number": "number", "integer": "number"}
    return kinds.get(str(schema.get("type")), "text")


def _options(schema: Mapping[str, Any], suggestions: Sequence[str]) -> tuple[tuple[str, str], ...]:
    if schema.get("ui:field") in _CHOICES:
        return tuple((one, one) for one in suggestions)
    offered = [str(value) for value in schema.get("enum", [])]
    names = [str(name) for name in schema.get("enumNames", offered)]
    return tuple(zip(offered, names, strict=False))


def _value(schema: Mapping[str, Any], text: str) -> Any:
    """None where nothing was typed. Text that isn't the number it should be stays text: the schema says so."""
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
    """The fields that an error is about: the one at its path, or those that are missing."""
    if error.absolute_path:
        return [str(error.absolute_path[0])]
    if error.validator == "required" and isinstance(error.validator_value, list) and isinstance(error.instance, dict):
        return [str(name) for name in error.validator_value if name not in error.instance]
    return []


def _mismatch(schema: Mapping[str, Any]) -> str:
    if said := schema.get("ui:help"):
        return f"Write {said}." if str(said)[:1].isdigit() else str(said)
    return f"This must match {schema['pattern']}" if "pattern" in schema else ""


_SENTENCES = {
    "required": "This is needed.",
    "enum": "Choose one of the options.",
    "not": "This can't be used here. Choose something else.",
    "minLength": "Write at least {} characters.",
    "maxLength": "Write at most {} characters.",
    "minimum": "This must be {} or more.",
    "maximum": "This must be {} or less.",
    "type": "This must be of the type {}.",
}


def _sentence(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """What is wrong, in a person's words."""
    if error.validator == "pattern":
        return _mismatch(schema)
    if error.validator == "format" and error.cause is not None:
        said = str(error.cause)
        return f"{said[:1].upper()}{said[1:]}."
    return _SENTENCES.get(str(error.validator), "{}").format(
        error.validator_value if str(error.validator) in _SENTENCES else error.message
    )
