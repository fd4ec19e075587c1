"""The form that asks for a resource, made of what its building block takes. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from roadbed.delivery.resource_changes import ResourceChange
from roadbed.kit.errors import InvalidInput
from roadbed.platform.blocks import Block, Param
from roadbed.portal.components.schema_form import Section, sections, values
from roadbed.portal.formatting import shell_word
from roadbed.workload.document import plain
from roadbed.workload.parsing import parse_document

_PARAM, _WORKLOAD = "param.", "workload."
_NESTED = frozenset({"array", "object"})
WIRING = frozenset({"dns", "endpoint", "environment", "route", "service", "service-port"})
"""Types that connect workloads rather than holding anything: whoever looks for a database doesn't look for these."""


def form(
    block: Block,
    environment: str,
    workloads: Sequence[str],
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> tuple[Section, ...]:
    """Without `typed` each field holds its default: all workloads get its variables."""
    chosen = typed or {}
    offered = block.offer(environment, chosen.get("class") or "default")
    pages = _pages(block, environment, offered.params if offered else None, workloads)
    pages[0]["properties"]["name"]["ui:autofocus"] = typed is None  # else what comes of the answers is looked at
    return sections(pages, {}, typed=typed, problems=problems)


def read(
    block: Block, environment: str, workloads: Sequence[str], typed: Mapping[str, str]
) -> tuple[ResourceChange, dict[str, str]]:
    """The change that was asked for, and what is wrong with single answers."""
    offered = block.offer(environment, typed.get("class") or "default")
    taken = offered.params if offered else None
    answers, wrong = values(_pages(block, environment, taken, workloads), typed)
    params: dict[str, Any] = {}
    for param in taken or ():
        value = answers.get(_PARAM + param.name)
        if value is None or (value is False and not param.default):
            continue
        try:
            params[param.name] = _value(param, value)
        except InvalidInput as error:
            wrong[_PARAM + param.name] = error.message
    reached = tuple(name for name in workloads if answers.get(_WORKLOAD + name))
    change = ResourceChange(
        "add",
        name=answers.get("name", ""),
        workloads=None if len(reached) == len(workloads) else reached,
        type=block.type,
        resource_class=answers.get("class") or "default",
        params=params,
        prefix=answers.get("prefix"),
    )
    return change, wrong


def command(application: str, environment: str, change: ResourceChange) -> str:
    """What asks for the same on the command line."""
    usual = ResourceChange("add", type=change.type)
    named = change.name if change.resource != usual.resource else ""
    given = [
        *_option("--name", named),
        *_option("--class", change.resource_class if change.resource_class != usual.resource_class else ""),
        *(word for name, value in change.params.items() for word in ("--set", f"{name}={_told(value)}")),
        *(word for name in change.workloads or () for word in ("--workload", name)),
        *_option("--prefix", change.prefix or ""),
        "-a",
        application,
        *_option("-e", environment if environment != "dev" else ""),
    ]
    return " ".join(["roadbed resource add", *map(shell_word, [change.type, *given])])


def _option(name: str, value: str) -> list[str]:
    return [name, value] if value else []


def _told(value: Any) -> str:
    """As YAML reads it again."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _pages(
    block: Block, environment: str, params: Sequence[Param] | None, workloads: Sequence[str]
) -> list[dict[str, Any]]:
    return [_naming(block, environment), *_params(params), *_attaching(workloads)]


def _naming(block: Block, environment: str) -> dict[str, Any]:
    named = [name for name in block.classes(environment) if "*" not in name]
    properties: dict[str, Any] = {
        "name": {
            "title": "Name",
            "type": "string",
            "default": ResourceChange("add", type=block.type).resource,
            "description": "What the application calls it.",
            "maxLength": 63,
        },
    }
    if named:
        open_ = any("*" in name for name in block.classes(environment))
        options = ["default", *named] if open_ and "default" not in named else named
        properties["class"] = {"title": "Class", "type": "string", "enum": options, "default": options[0]}
    properties["prefix"] = {
        "title": "Prefix of its variables",
        "type": "string",
        "pattern": "^[A-Z][A-Z0-9_]{0,62}$",
        "ui:help": "Capitals, digits and underscores. Its name, when left empty.",
    }
    return {"title": "", "properties": properties, "required": ["name"]}


def _params(params: Sequence[Param] | None) -> list[dict[str, Any]]:
    if not params:
        return []
    properties = {_PARAM + one.name: {"title": one.name, "ui:code": True, **_schema(one)} for one in params}
    required = [_PARAM + one.name for one in params if one.required]
    return [{"title": "What it is to be like", "properties": properties, "required": required}]


def _schema(param: Param) -> dict[str, Any]:
    """A field for each; what has several types, or parts of its own, is typed as text."""
    schema = dict(param.schema)
    if len(param.types) != 1 or param.types[0] in _NESTED:
        schema["type"] = "string"
    if _NESTED & set(param.types):
        schema |= {"ui:widget": "textarea", "ui:help": "As YAML."}
    return schema


def _value(param: Param, value: Any) -> Any:
    if isinstance(value, str) and (len(param.types) != 1 or param.types[0] in _NESTED):
        return plain(parse_document(value, param.name))
    return value


def _attaching(workloads: Sequence[str]) -> list[dict[str, Any]]:
    if not workloads:
        return []
    properties = {_WORKLOAD + name: {"title": name, "type": "boolean", "default": True} for name in workloads}
    return [{"title": "Who gets its variables", "properties": properties}]
