"""Score's `$` language: `${resources.db.host}`, `${metadata.name}`; `$$` is a dollar, `$${x}` is `${x}`.

The pattern is the specification's own: `\\$((?:\\$?{([^}]*)})|\\$)`. A lone `$x` stays as it is.
In a path `\\.` is a dot that separates nothing: `${metadata.annotations.a\\.b/c}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Place
from roadbed.workload.domain import Text
from roadbed.workload.reader import nearest

_PLACEHOLDER = re.compile(r"\$((?:\$?{([^}]*)})|\$)")
_DOLLAR = re.compile(r"\$(\$)")
_SEPARATOR = re.compile(r"(?<!\\)\.")
ROOTS = ("metadata", "resources")


@dataclass(frozen=True, slots=True)
class Reference:
    """`${resources.db.host}`: root `resources`, path `("db", "host")`."""

    root: str
    path: tuple[str, ...]
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Template:
    """A text in parts: plain text and references, in order."""

    parts: tuple[str | Reference, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(part for part in self.parts if isinstance(part, Reference))


def parse(text: str, place: Place) -> Template:
    """Raises InvalidInput, at `place`, for a root other than `metadata` and `resources` or an empty path."""
    if "$" not in text:
        return Template((text,) if text else ())
    parts: list[str | Reference] = []
    position = 0
    # Behind the last brace only `$$` can match; looking for more there would take quadratic time.
    end = text.rfind("}") + 1
    for match in chain(_PLACEHOLDER.finditer(text, 0, end), _DOLLAR.finditer(text, end)):
        parts.append(text[position : match.start()])
        position = match.end()
        if match[1].startswith("$"):
            parts.append(match[1])
        else:
            parts.append(_reference(match[2], place))
    parts.append(text[position:])
    return Template(tuple(part for part in parts if part != ""))


def is_resource(text: Text) -> bool:
    """Whether it is one placeholder of a resource and nothing else. Also true of one that is wrong, which is told of
    elsewhere.
    """
    try:
        parts = parse(text.value, text.place).parts
    except InvalidInput:
        return True
    return len(parts) == 1 and isinstance(parts[0], Reference) and parts[0].root == "resources"


def metadata_value(metadata: Mapping[str, Any], reference: Reference) -> Any:
    """What `${metadata.…}` stands for. Raises InvalidInput when there is no such key."""
    value: Any = metadata
    for key in reference.path:
        if not isinstance(value, Mapping) or key not in value:
            known = [key.replace(".", "\\.") for key in value] if isinstance(value, Mapping) else ()
            raise reference.place.error(f"${{{reference.text}}}: there is no {key!r} in metadata", nearest(key, known))
        value = value[key]
    return value


def _reference(text: str, place: Place) -> Reference:
    root, *path = (part.replace("\\.", ".") for part in _SEPARATOR.split(text.strip()))
    if root not in ROOTS:
        hint = nearest(root, ROOTS) if root else None
        dollar = f"for the text itself write $${{{text}}}"
        hint = f"{hint}; {dollar}" if hint else dollar
        raise place.error(f"${{{text}}} refers to {root!r}; only metadata and resources can be referred to", hint)
    if not path or not all(path):
        raise place.error(f"${{{text}}} does not say which value is meant", f"write ${{{root}.NAME}}")
    return Reference(root, tuple(path), text, place)


def as_text(value: Any) -> str:
    """How a value stands in a text: what is no text as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
