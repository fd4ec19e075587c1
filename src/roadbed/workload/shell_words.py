"""Placeholders in commands, where Score replaces none: what their author may have meant otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from roadbed.kit.errors import Problem
from roadbed.workload.domain import Workload

_MEANT = re.compile(r"\$\$\{[^}]*\}|\$\{(?:resources|metadata)\.[^}]*\}")


def not_replaced(workload: Workload) -> Iterator[Problem]:
    """What is said of each, which is no error: a program may want the text as it stands."""
    for container in workload.containers.values():
        for field in ("command", "args"):
            for text in dict.fromkeys(
                match[0] for word in getattr(container, field) for match in _MEANT.finditer(word)
            ):
                message = f"containers.{container.name}.{field}: {text} reaches the program as it stands"
                yield container.place.problem(message, _hint(text))


def _hint(text: str) -> str:
    if text.startswith("$$"):
        return f"a shell takes `$$` for its own number: write {text[1:]} for its variable"
    return "placeholders are replaced in `variables`: set one to it, and have the program read that"
