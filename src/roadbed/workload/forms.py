"""What a field of a declared file may hold: said once, for the reader, the JSON Schema and the reference page.

A form checks a tree and reports what is wrong at its place; it gives back no value. So that all of a file is checked
before anything is made of it, whoever reads the file takes the values from the tree once no problem was found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from roadbed.kit.errors import Problem
from roadbed.kit.names import LABEL
from roadbed.workload import document
from roadbed.workload.document import Node
from roadbed.workload.reader import LABEL_RULE, Reader


class Form(Protocol):
    """What may stand under a key."""

    @property
    def says(self) -> str:
        """In words, for a person: `text`, `a whole number from 1 to 100`."""

    def check(self, reader: Reader, node: Node, path: str) -> None: ...

    def schema(self) -> dict[str, Any]:
        """The same as a JSON Schema, draft 2020-12."""

    def later(self, node: Node, path: str) -> Iterator[Problem]:
        """What stands there, in a tree that was checked, and is not acted upon yet."""

    def partial(self) -> Form:
        """The form of a layer that is laid over a whole one: nothing in it is required, and null takes a key away."""


class _Leaf:
    def later(self, node: Node, path: str) -> Iterator[Problem]:
        return iter(())

    def partial(self) -> Any:
        return self


@dataclass(frozen=True, slots=True)
class Text(_Leaf):
    """A text that is not empty. `rule` says the pattern in words, as in "use …"."""

    pattern: re.Pattern[str] | None = None
    rule: str = ""

    @property
    def says(self) -> str:
        return self.rule or "text"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        if self.pattern is None:
            reader.text(node, path, empty=False)
        else:
            reader.matching(node, path, self.pattern, self.rule)

    def schema(self) -> dict[str, Any]:
        pattern = {} if self.pattern is None else {"pattern": _whole(self.pattern)}
        return {"type": "string", "minLength": 1, **pattern}


@dataclass(frozen=True, slots=True)
class AnyText(_Leaf):
    """A text that may be empty: the value of a variable."""

    says: str = "text"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        if "\0" in reader.text(node, path):
            reader.report(node.place, f"{path} holds a NUL byte")

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[^\\u0000]*$"}


@dataclass(frozen=True, slots=True)
class Judged(_Leaf):
    """A text of a form that a pattern can't say whole: `judge` gives back what is wrong with any text."""

    form: Text
    judge: Callable[[str], str | None]

    @property
    def says(self) -> str:
        return self.form.says

    def check(self, reader: Reader, node: Node, path: str) -> None:
        text = reader.text(node, path, empty=False)
        if text and (wrong := self.judge(text)):
            reader.report(node.place, f"{path}: {wrong}", f"use {self.form.rule}")

    def schema(self) -> dict[str, Any]:
        return self.form.schema()


@dataclass(frozen=True, slots=True)
class Choice(_Leaf):
    """One of these texts. `unbuilt` are those that nothing acts upon yet."""

    choices: tuple[str, ...]
    unbuilt: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        return " or ".join(f"`{choice}`" for choice in self.choices)

    def check(self, reader: Reader, node: Node, path: str) -> None:
        reader.choice(node, path, self.choices)

    def schema(self) -> dict[str, Any]:
        return {"const": self.choices[0]} if len(self.choices) == 1 else {"enum": list(self.choices)}

    def later(self, node: Node, path: str) -> Iterator[Problem]:
        if (value := document.plain(node)) in self.unbuilt:
            yield not_in_force(node, f"{path}: {value}")


@dataclass(frozen=True, slots=True)
class Integer(_Leaf):
    low: int
    high: int

    @property
    def says(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        reader.integer(node, path, self.low, self.high)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Flag(_Leaf):
    says: str = "`true` or `false`"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        reader.flag(node, path)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Anything(_Leaf):
    """Whatever YAML can say."""

    says: str = "anything"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        return

    def schema(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class Listed(_Leaf):
    """A list of one form, empty only where that says something."""

    item: Form
    may_be_empty: bool = True

    @property
    def says(self) -> str:
        return f"a list, each {self.item.says}"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        if not self.may_be_empty and isinstance(node, document.Sequence) and not node.items:
            reader.report(node.place, f"{path} must not be empty")
        for item, item_path in reader.sequence(node, path):
            self.item.check(reader, item, item_path)

    def schema(self) -> dict[str, Any]:
        least = {} if self.may_be_empty else {"minItems": 1}
        return {"type": "array", "items": self.item.schema(), **least}


@dataclass(frozen=True, slots=True)
class CommandLine(_Leaf):
    """A command and its arguments, or one line for the shell."""

    says: str = "a list of words, or one line for `sh -c`"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        if isinstance(node, document.Scalar):
            reader.text(node, path, empty=False)
            return
        COMMAND.check(reader, node, path)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [Text().schema(), COMMAND.schema()]}


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with free keys, each value of one form. `key` None lets every key be."""

    value: Form
    key: Text | None = None
    says: str = "a mapping"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        fields = reader.mapping(node, path)
        for name, child, child_path in fields.items():
            if self.key is not None and self.key.pattern is not None and not self.key.pattern.fullmatch(name):
                message = f"{child_path} has a name that is not allowed: {name!r}"
                reader.report(fields.place(name), message, f"use {self.key.rule}")
            self.value.check(reader, child, child_path)

    def schema(self) -> dict[str, Any]:
        names = {} if self.key is None else {"propertyNames": self.key.schema()}
        return {"type": "object", "additionalProperties": self.value.schema(), **names}

    def later(self, node: Node, path: str) -> Iterator[Problem]:
        for name, child in _entries(node):
            yield from self.value.later(child, f"{path}.{name}")

    def partial(self) -> Table:
        return replace(self, value=removable(self.value.partial()))


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a section. `built` False: read and checked, but nothing acts upon it yet."""

    form: Form
    text: str
    required: bool = False
    default: str | int | None = None
    built: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping with these keys and no others."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    says: str = "a mapping"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        required = [name for name, each in self.fields.items() if each.required]
        section = reader.section(node, path, self.fields, required)
        for name, each in self.fields.items():
            if (child := section.get(name)) is not None:
                each.form.check(reader, child, section.path_of(name))

    def schema(self) -> dict[str, Any]:
        properties = {name: {**each.form.schema(), **_annotations(each)} for name, each in self.fields.items()}
        required = [name for name, each in self.fields.items() if each.required]
        closed = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**closed, "required": required} if required else closed

    def later(self, node: Node, path: str) -> Iterator[Problem]:
        for name, child in _entries(node):
            child_path = f"{path}.{name}" if path else name
            if not self.fields[name].built:
                if not _is_empty(child):
                    yield not_in_force(child, child_path)
            else:
                yield from self.fields[name].form.later(child, child_path)

    def partial(self) -> Section:
        forms = {name: removable(each.form.partial()) for name, each in self.fields.items()}
        fields = {name: replace(each, form=forms[name], required=False) for name, each in self.fields.items()}
        return replace(self, fields=fields)

    def without(self, names: Iterable[str]) -> Section:
        gone = set(names)
        return replace(self, fields={name: each for name, each in self.fields.items() if name not in gone})


@dataclass(frozen=True, slots=True)
class Removable:
    """A value of a layer: null in its place takes the key away."""

    form: Form

    @property
    def says(self) -> str:
        return f"{self.form.says}, or null"

    def check(self, reader: Reader, node: Node, path: str) -> None:
        if not (isinstance(node, document.Scalar) and node.value is None):
            self.form.check(reader, node, path)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.form.schema(), {"type": "null"}]}

    def later(self, node: Node, path: str) -> Iterator[Problem]:
        return self.form.later(node, path)

    def partial(self) -> Form:
        return self


def removable(form: Form) -> Form:
    return form if isinstance(form, Anything) else Removable(form)


WORDS = Listed(AnyText())
COMMAND = Listed(AnyText(), may_be_empty=False)
LABELS = Text(LABEL, LABEL_RULE)


def not_in_force(node: Node, path: str) -> Problem:
    return node.place.problem(f"{path} is not in force here yet", "it is read and checked, and nothing acts upon it")


def _entries(node: Node) -> Iterable[tuple[str, Node]]:
    return node.entries.items() if isinstance(node, document.Mapping) else ()


def _is_empty(node: Node) -> bool:
    return isinstance(node, document.Mapping) and not node.entries


def _whole(pattern: re.Pattern[str]) -> str:
    return f"^(?:{pattern.pattern})$"


def _annotations(each: Field) -> dict[str, Any]:
    later = "" if each.built else " Not in force yet."
    default = {} if each.default is None else {"default": each.default}
    return {"description": each.text + later, **default}
