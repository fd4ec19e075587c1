"""Resources that leave the state or go elsewhere in it: what becomes of them, and of those beside them."""

from __future__ import annotations

import pytest

from roadbed.engine.domain import Options, Recorded
from roadbed.engine.state import moving
from roadbed.engine.state.moving import Place
from roadbed.kit.errors import Conflict, InvalidInput

STACK = "orders@dev"


def urn(path: str, type: str = "test:Thing", stack: str = STACK) -> str:
    return f"{stack}/{path}#{type}"


def row(path: str, *after: str, kind: str = "managed", deposed: str = "", provider: str | None = None) -> Recorded:
    type_ = "acme:Box" if kind == "component" else "test:Thing"
    return Recorded(
        urn=urn(path, type_),
        type=type_,
        name=path.rpartition("/")[2],
        id=f"id-{path}",
        properties={},
        depends_on=frozenset(after),
        kind=kind,  # type: ignore[arg-type]
        deposed=deposed,
        options=Options(provider=provider),
    )


def state(*rows: Recorded) -> dict[str, Recorded]:
    return {one.key: one for one in rows}


BOX = state(row("box", urn("box/a"), urn("box/b"), kind="component"), row("box/a"), row("box/b", urn("box/a")))
BOX_URN = urn("box", "acme:Box")


def test_a_component_is_taken_with_what_it_holds() -> None:
    assert moving.with_contents([BOX_URN], BOX) == {BOX_URN, urn("box/a"), urn("box/b")}
    assert moving.with_contents([urn("box/a")], BOX) == {urn("box/a")}


def test_what_others_depend_on_is_not_forgotten() -> None:
    with pytest.raises(Conflict, match=r"orders@dev/b#test:Thing depends on what is to be forgotten"):
        moving.forget(frozenset({urn("a")}), state(row("a"), row("b", urn("a"))))


def test_forgetting_by_force_takes_the_dependency_away() -> None:
    before = state(row("a"), row("b", urn("a"), urn("c")), row("c"), row("d", provider=urn("a")))
    outcome = moving.forget(frozenset({urn("a")}), before, force=True)
    assert outcome.gone == {urn("a")}
    assert {one.urn: (one.depends_on, one.options.provider) for one in outcome.rows} == {
        urn("b"): (frozenset({urn("c")}), None),
        urn("d"): (frozenset(), None),
    }


def test_a_component_does_not_keep_what_it_holds_from_being_forgotten() -> None:
    outcome = moving.forget(frozenset({urn("box/b")}), BOX)
    assert [one.depends_on for one in outcome.rows] == [frozenset({urn("box/a")})]


def test_what_is_deposed_is_forgotten_with_its_resource() -> None:
    before = state(row("a"), row("a", deposed="1"))
    assert moving.forget(frozenset({urn("a")}), before).gone == {urn("a"), f"{urn('a')}~1"}


def test_within_a_stack_everything_follows() -> None:
    before = state(row("a"), row("b", urn("a")), row("c", provider=urn("a")), row("d"))
    moved = moving.move(frozenset({urn("a")}), before, STACK, Place(STACK, "web/main"), before)
    new = urn("web/main")
    assert moved.renamed == {urn("a"): new}
    assert [(one.urn, one.name) for one in moved.moved.values()] == [(new, "main")]
    assert {one.urn: (one.depends_on, one.options.provider) for one in moved.left.rows} == {
        urn("b"): (frozenset({new}), None),
        urn("c"): (frozenset(), new),
    }


def test_a_component_goes_to_another_stack_whole() -> None:
    moved = moving.move(frozenset({BOX_URN}), BOX, STACK, Place("net@dev", "crate"), {})
    assert moved.renamed == {
        BOX_URN: "net@dev/crate#acme:Box",
        urn("box/a"): "net@dev/crate/a#test:Thing",
        urn("box/b"): "net@dev/crate/b#test:Thing",
    }
    assert moved.moved[urn("box/b")].depends_on == {"net@dev/crate/a#test:Thing"}
    assert moved.left.rows == ()


def test_between_stacks_what_depends_on_each_other_stays_together() -> None:
    before = state(row("a"), row("b", urn("a")), row("c", urn("b")))
    with pytest.raises(Conflict) as caught:
        moving.move(frozenset({urn("b")}), before, STACK, Place("net@dev"), {})
    assert [problem.message for problem in caught.value.problems] == [
        f"{urn('c')} depends on what is to be moved, and stays",
        f"{urn('b')} is to be moved, and depends on {urn('a')}, which stays",
    ]


def test_a_name_that_is_taken_is_refused() -> None:
    there = {urn("a", stack="net@dev"): row("a")}
    there = {key: Recorded(key, "test:Thing", "a", "id", {}) for key in there}
    with pytest.raises(Conflict, match="net@dev/a#test:Thing is there already"):
        moving.move(frozenset({urn("a")}), state(row("a")), STACK, Place("net@dev"), there)


@pytest.mark.parametrize(
    ("chosen", "to", "match"),
    [
        ({"a", "b"}, "net@dev/one", "2 resources can't all be called 'one'"),
        ({"a"}, "orders@dev", "is there already"),
        ({"a"}, "orders@dev/a", "is there already"),
        ({"a"}, "net@dev/a#b", "no path of a resource"),
        ({"a"}, "net@dev/a//b", "no path of a resource"),
    ],
)
def test_a_place_that_makes_no_sense(chosen: set[str], to: str, match: str) -> None:
    before = state(row("a"), row("b"))
    with pytest.raises(InvalidInput, match=match):
        moving.move(frozenset(urn(one) for one in chosen), before, STACK, Place.parse(to), before)
