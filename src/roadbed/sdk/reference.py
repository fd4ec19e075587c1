"""Writes `docs/reference/sdk.md` from the SDK itself: `python -m roadbed.sdk.reference [PATH]`. Nothing imports it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from roadbed import sdk
from roadbed.sdk import deferred, policies, provisioners, types
from roadbed.sdk.program import Context
from roadbed.sdk.references import Deferred
from roadbed.sdk.resources import Resource

_INTRODUCTION = """\
# The SDK

Made from the code by `python -m roadbed.sdk.reference`; change it there. The guide is
[Infrastructure in Python](../guides/infrastructure-in-python.md); the document that a program emits has a
[JSON Schema](graph.schema.json).

Everything here is imported from `roadbed.sdk`, if nothing else is said. Where a `Deferred` is taken, a reference, a
secret, an import or what a deferred function gives is meant.
"""
_SECTIONS: dict[str, tuple[str, ...]] = {
    "Resources": ("Resource", "read", "Options", "ComponentOptions", "Timeouts", "Alias", "Component"),
    "Stacks": ("export", "stack", "secret", "context"),
    "Deferred values": ("Deferred", "Reference"),
    "Provisioners": ("provisioner", "Request", "Param", "BlockExample"),
    "Policies": (
        "policy",
        *("Violation", "Change", "Example", "PlannedResource", "PlannedStep", "PlannedChanges", "PlannedStack"),
        "PolicyContext",
    ),
    "Errors": ("ProgramError",),
}


_OF_POLICIES = ("Violation", "Change", "Example", "PlannedResource", "PlannedStep", "PlannedChanges", "PlannedStack")
_ELSEWHERE = {
    "context": Context,
    "PolicyContext": policies.Context,
    "BlockExample": provisioners.Example,
    **{name: getattr(policies, name) for name in _OF_POLICIES},
}
"""What is given rather than imported."""


def reference() -> str:
    """The whole page, as Markdown."""
    parts = [_INTRODUCTION]
    for section, names in _SECTIONS.items():
        parts.append(f"## {section}\n")
        for name in names:
            parts += _item(name, _ELSEWHERE.get(name) or getattr(sdk, name))
    parts.append(_example(inspect.getdoc(deferred) or "", "## Deferred functions\n"))
    for name, function in _functions(deferred):
        parts += _item(f"deferred.{name}", function)
    parts.append("## Typed classes\n\nImported from a module of `roadbed.sdk.types` each; all take the options.\n")
    for module in _modules():
        parts += _module(module)
    return "\n".join(parts).rstrip() + "\n"


def _example(text: str, title: str) -> str:
    """A docstring whose indented block is code."""
    lines, code = [title], False
    for line in text.splitlines():
        if line.startswith("    ") and not code:
            lines.append("```python")
            code = True
        elif code and line and not line.startswith("    "):
            lines[-1:] = ["```", ""]  # the empty line before it stands after the code
            code = False
        lines.append(line.removeprefix("    ") if code else line)
    return "\n".join([*lines, *(["```"] if code else [])]) + "\n"


def _functions(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, item in vars(module).items():
        if inspect.isfunction(item) and item.__module__ == module.__name__ and not name.startswith("_"):
            yield name, item


def _modules() -> Iterator[ModuleType]:
    for found in sorted(pkgutil.iter_modules(types.__path__), key=lambda one: one.name):
        yield importlib.import_module(f"{types.__name__}.{found.name}")


def _module(module: ModuleType) -> Iterator[str]:
    name = module.__name__.rpartition(".")[2]
    yield f"### {name}\n\n{inspect.getdoc(module)}\n"
    for title, item in vars(module).items():
        if inspect.isclass(item) and issubclass(item, Resource) and item.__module__ == module.__name__:
            yield from _item(f"{name}.{title}", item, level=4)
            yield f"Type `{item.TYPE}`. Outputs: {_outputs(item)}.\n"


def _outputs(item: type) -> str:
    """They are declared where only type checkers look."""
    source = inspect.getsource(item)
    lines = (line.strip() for line in source.splitlines())
    found = [line.partition(":")[0] for line in lines if line.endswith(": Reference")]
    return ", ".join(f"`{name}`" for name in found) or "none"


def _item(name: str, item: Any, level: int = 3) -> Iterator[str]:
    yield f"{'#' * level} {name}\n"
    yield f"```python\n{_signature(name, item)}\n```\n"
    yield _example(inspect.getdoc(item) or "", "").lstrip()
    if inspect.isclass(item):
        yield from _members(item)


def _signature(name: str, item: Any) -> str:
    short = name.rpartition(".")[2]
    if inspect.isclass(item) and issubclass(item, dict):
        return f"class {short}(TypedDict)"
    try:
        text = _unquoted(item)
    except (TypeError, ValueError):
        return short
    return f"{'' if inspect.isclass(item) else 'def '}{short}{text}"


def _unquoted(item: Any) -> str:
    """The signature, its types without the quotes that they have as text, and without what the caller doesn't give."""
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(item)))
    return text.replace("(self, ", "(").replace("(self)", "()").replace("cls: type[Self], ", "")


def _members(item: type) -> Iterator[str]:
    """Fields of a dataclass or typed dictionary, and public methods of a class."""
    fields = {name: kind for name, kind in vars(item).get("__annotations__", {}).items() if not name.startswith("_")}
    rows = [f"| `{name}` | `{_kind(kind)}` |" for name, kind in fields.items() if name != "TYPE"]
    if rows and not issubclass(item, Deferred):
        yield "| field | type |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    for name, method in vars(item).items():
        if not name.startswith("_") and (inspect.isfunction(method) or isinstance(method, classmethod)):
            function = method.__func__ if isinstance(method, classmethod) else method
            yield f"`{name}{_unquoted(function)}`: {inspect.getdoc(function)}\n"


def _kind(kind: Any) -> str:
    text = getattr(kind, "__forward_arg__", None) or str(kind)
    return text.replace("|", "\\|")


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference/sdk.md")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(reference(), encoding="utf-8")
