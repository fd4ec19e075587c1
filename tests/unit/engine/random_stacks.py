"""Random declarations of small stacks, and their random edits, as strategies of hypothesis.

They speak of the types that both the pure tests (`judging.TYPES`) and the faulty provider (`fakes.faulty`) have, and
only of the properties and outputs that both know: `value` changes in place, `place` makes a new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as altered
from typing import Any, Literal, TypeAlias

from hypothesis import strategies as st

from unit.engine.building import STACK

How: TypeAlias = Literal["value", "place", "after"]

_HOW: tuple[How, ...] = ("value", "place", "after")

NAMES = "abcdef"
TYPES = ("Thing", "Twin", "Rollout")


@dataclass(frozen=True)
class Wish:
    """One declaration. `uses` are (name, how): by a property or by `depends_on` alone, as far as they are declared."""

    type: str = "Thing"
    value: int = 0
    place: int = 0
    uses: tuple[tuple[str, How], ...] = ()
    delete_before_replace: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    alias: str | None = None


Wishes: TypeAlias = Mapping[str, Wish]


def urn(name: str, wishes: Wishes) -> str:
    return f"{STACK}/{name}#test:{wishes[name].type}"


def document(wishes: Wishes, ranks: Sequence[str] = NAMES) -> dict[str, Any]:
    """A graph document without circles: a resource uses only those that stand before it in `ranks`."""
    resources = [_resource(name, wishes, ranks) for name in wishes]
    return {"version": 1, "stack": STACK, "resources": resources}


def _resource(name: str, wishes: Wishes, ranks: Sequence[str]) -> dict[str, Any]:
    wish = wishes[name]
    there = [(other, how) for other, how in wish.uses if other in wishes and ranks.index(other) < ranks.index(name)]
    by = {word: [urn(other, wishes) for other, how in there if how == word] for word in ("value", "place", "after")}
    references = [{"$ref": [other, "id"]} for other in by["place"]]
    return {
        "urn": urn(name, wishes),
        "type": f"test:{wish.type}",
        "name": name,
        "properties": {
            "value": {"n": wish.value, "of": [{"$ref": [other, "id"]} for other in by["value"]]},
            "place": {"$join": [f"p{wish.place}", *references]} if references else f"p{wish.place}",
        },
        "depends_on": by["after"],
        "source": {"file": "roadbed.py", "line": 1 + list(wishes).index(name)},
        "options": _options(wish),
    }


def _options(wish: Wish) -> dict[str, Any]:
    options: dict[str, Any] = {
        "delete_before_replace": wish.delete_before_replace,
        "retain_on_delete": wish.retain_on_delete,
        "ignore_changes": list(wish.ignore_changes),
        "replace_on_changes": list(wish.replace_on_changes),
        "aliases": [f"{STACK}/{wish.alias}#test:{wish.type}"] if wish.alias else [],
    }
    return {key: value for key, value in options.items() if value}


def rarely(strategy: st.SearchStrategy[Any], otherwise: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(otherwise), st.just(otherwise), st.just(otherwise), strategy)


uses: st.SearchStrategy[tuple[tuple[str, How], ...]] = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(_HOW)),
    max_size=3,
    unique_by=lambda used: used[0],
).map(tuple)

wish = st.builds(
    Wish,
    type=st.sampled_from(TYPES),
    value=st.integers(0, 2),
    place=st.integers(0, 1),
    uses=uses,
    delete_before_replace=rarely(st.just(True), False),
    retain_on_delete=rarely(st.just(True), False),
    ignore_changes=rarely(st.sampled_from([("value",), ("value.n",), ("place",), ("*",)]), ()),
    replace_on_changes=rarely(st.sampled_from([("value",), ("value.n",), ("*",)]), ()),
)

stacks = st.dictionaries(st.sampled_from(NAMES), wish, max_size=len(NAMES))

orders = st.permutations(NAMES)


@st.composite
def edits(draw: st.DrawFn, wishes: Wishes) -> Wishes:
    """The stack as somebody changed it: declarations altered, taken away, added, and renamed with an alias."""
    edited: dict[str, Wish] = {}
    for name, before in wishes.items():
        match draw(st.sampled_from(("keep", "value", "place", "any", "uses", "gone", "rename"))):
            case "keep":
                edited[name] = before
            case "value":
                edited[name] = altered(before, value=before.value + 1)
            case "place":
                edited[name] = altered(before, place=1 - before.place)
            case "any":
                edited[name] = draw(wish)
            case "uses":
                edited[name] = altered(before, uses=draw(uses))
            case "rename" if (new := draw(st.sampled_from(NAMES))) not in wishes and new not in edited:
                edited[new] = altered(before, alias=name)
            case _:
                pass
    for name in draw(st.sets(st.sampled_from(NAMES), max_size=2)):
        edited.setdefault(name, draw(wish))
    return edited
