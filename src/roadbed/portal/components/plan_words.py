"""How a plan's actions are called and marked: the same marks as on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from roadbed.engine.domain import Action, Rewrite, Step
from roadbed.portal.formatting import path_of, shown, spoken

WORDS: dict[Action, str] = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
    "read": "read",
    "adopt": "adopt",
    "import": "import",
    "retain": "let go",
    "none": "unchanged",
}
DONE: dict[str, str] = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "read": "read",
    "adopt": "adopted",
    "import": "imported",
    "retain": "let go",
}
"""What an apply did, as the history tells it."""
_SIGNS: dict[Action, str] = {
    "create": "+",
    "update": "~",
    "delete": "−",
    "read": "›",
    "adopt": "&",
    "import": "=",
    "retain": "^",
    "none": "·",
}
_MEANINGS: dict[Action, str] = {
    "read": "looked at, not managed",
    "adopt": "what an earlier attempt left is taken over, or it is made",
    "import": "is there already: taken into the state",
    "retain": "leaves the state, stays in the world",
}


@dataclass(frozen=True, slots=True)
class Note:
    """`warn` is for what may hurt."""

    tone: Literal["warn", "idle"]
    text: str


def sign(step: Step) -> str:
    if step.action == "replace":
        return "+/−" if step.order == "create_first" else "−/+"
    return _SIGNS[step.action]


def word(step: Step) -> str:
    """For who can't see the sign, and as its title."""
    if step.action == "replace":
        first = "the new one is made first" if step.order == "create_first" else "the old one is deleted first"
        return f"replace: {first}"
    meaning = _MEANINGS.get(step.action)
    return f"{WORDS[step.action]}: {meaning}" if meaning else WORDS[step.action]


def notes(step: Step) -> Iterator[Note]:
    if step.interrupting:
        yield Note("warn", "interrupts what uses it")
    if step.may_run_twice:
        yield Note("warn", "may run twice if the platform crashes meanwhile")
    if step.loses_data:
        yield Note("warn", "deletes the data in it")
    if step.moved_from:
        yield Note("idle", f"moved from {path_of(step.moved_from)}")
    if step.deposed:
        yield Note("idle", "left over from an earlier replacement")
    if step.action in ("import", "read") and step.id:
        yield Note("idle", f"id {shown(spoken(step.id))}")
    if step.options.protect:
        yield Note("idle", "protected")
    if step.note:
        yield Note("idle", step.note)


def why(rewrite: Rewrite) -> str:
    """Of a resource that nothing is done to, why the state says something else of it from now on."""
    if rewrite.gone:
        return "is gone: it leaves the state"
    if rewrite.was != rewrite.urn:
        return f"moved from {path_of(rewrite.was)}"
    return "was found changed"
