"""Random declarations of small stacks, and their random edits, as strategies of hypothesis.

They speak of the types that both the pure tests (`judging.TYPES`) and the faulty provider have, and only of the
properties and outputs that both know: `value` changes in place, `place` makes a new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


def urn(name: str, wishes: Wishes, stack: str = STACK) -> str:
    return f"{stack}/{name}#test:{wishes[name].type}"


@dataclass(frozen=True)
class Program:
    """Declarations as a program emits them. A resource uses only those that stand before it in `ranks`: no circles.

    A use by `value` refers to one of `outputs`, the same of each resource.
    """

    wishes: Wishes
    ranks: Sequence[str] = NAMES
    stack: str = STACK
    outputs: Sequence[str] = ("id",)
    timeouts: Mapping[str, float] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        return {"version": 1, "stack": self.stack, "resources": [self._resource(name) for name in self.wishes]}

    def urn(self, name: str) -> str:
        return urn(name, self.wishes, self.stack)

    def used(self, name: str, how: How) -> list[str]:
        """The names of those that it uses so."""
        before = set(self.ranks[: self.ranks.index(name)]) & self.wishes.keys()
        return [other for other, word in self.wishes[name].uses if word == how and other in before]

    def output(self, name: str) -> str:
        return self.outputs[NAMES.index(name) % len(self.outputs)]

    def _resource(self, name: str) -> dict[str, Any]:
        wish = self.wishes[name]
        values = [{"$ref": [self.urn(other), self.output(other)]} for other in self.used(name, "value")]
        places = [{"$ref": [self.urn(other), "id"]} for other in self.used(name, "place")]
        return {
            "urn": self.urn(name),
            "type": f"test:{wish.type}",
            "name": name,
            "properties": {
                "value": {"n": wish.value, "of": values},
                "place": {"$join": [f"p{wish.place}", *places]} if places else f"p{wish.place}",
            },
            "depends_on": [self.urn(other) for other in self.used(name, "after")],
            "source": {"file": "roadbed.py", "line": 1 + list(self.wishes).index(name)},
            "options": self._options(wish),
        }

    def _options(self, wish: Wish) -> dict[str, Any]:
        options: dict[str, Any] = {
            "delete_before_replace": wish.delete_before_replace,
            "retain_on_delete": wish.retain_on_delete,
            "ignore_changes": list(wish.ignore_changes),
            "replace_on_changes": list(wish.replace_on_changes),
            "aliases": [f"{self.stack}/{wish.alias}#test:{wish.type}"] if wish.alias else [],
            "timeouts": dict(self.timeouts),
        }
        return {key: value for key, value in options.items() if value}


def document(wishes: Wishes, ranks: Sequence[str] = NAMES) -> dict[str, Any]:
    return Program(wishes, ranks).document


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
    return _one_each(edited)


def _one_each(wishes: Wishes) -> Wishes:
    """Without an alias that a later declaration has, too: two resources can't have had one name."""
    last = {wish.alias: name for name, wish in wishes.items()}
    return {name: wish if last[wish.alias] == name else altered(wish, alias=None) for name, wish in wishes.items()}
