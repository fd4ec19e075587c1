"""A declared document becomes a checked graph in the order of its dependencies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.engine.planning import schema
from roadbed.engine.planning.graph import read
from roadbed.kit.errors import InvalidInput
from unit.engine.building import TYPES, document, graph, ref, resource, urn


@given(st.lists(st.sets(st.integers(0, 30)), max_size=30), st.randoms())
def test_each_node_comes_after_what_it_depends_on(edges: list[set[int]], shuffler: object) -> None:
    nodes = [
        resource(f"n{index}", {"value": [ref(f"n{other}") for other in sorted(before) if other < index]})
        for index, before in enumerate(edges)
    ]
    shuffler.shuffle(nodes)  # type: ignore[attr-defined]  # hypothesis types its Random as object
    seen: set[str] = set()
    for node in graph(*nodes).nodes:
        assert node.depends_on <= seen
        seen.add(node.urn)


def test_a_chain_longer_than_pythons_stack_is_sorted() -> None:
    nodes = [resource(f"n{i}", {"value": ref(f"n{i - 1}")} if i else {}) for i in range(5000)]
    assert [node.name for node in graph(*reversed(nodes)).nodes][:3] == ["n0", "n1", "n2"]


def test_a_cycle_is_shown_whole() -> None:
    nodes = [resource("a", {"value": ref("b")}), resource("b", {"value": ref("c")}), resource("c", {"value": ref("a")})]
    with pytest.raises(InvalidInput) as refused:
        graph(*nodes)
    assert refused.value.message.endswith(" → ".join(urn(name) for name in "abca"))
    assert (refused.value.problem.file, refused.value.problem.line) == ("thing.py", 7)


def test_an_unknown_reference_names_the_nearest() -> None:
    with pytest.raises(InvalidInput) as refused:
        graph(resource("database"), resource("web", {"value": ref("databse")}))
    assert refused.value.hint == f"did you mean {urn('database')}?"


def test_a_name_used_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="declared twice"):
        graph(resource("a"), resource("a"))


def test_another_version_is_refused() -> None:
    with pytest.raises(InvalidInput, match="version 2"):
        read({**document(), "version": 2})


WRONG = [
    (resource("a", type="test:Thin"), "test:Thin is not a resource type", "did you mean 'test:Thing'?"),
    (resource("a", {"sise": 1}), "test:Thing has no property 'sise'", "did you mean 'size'?"),
    (resource("a", {"proteckt": 1}), "test:Thing has no property 'proteckt'", "did you mean the option 'protect'?"),
    (resource("a", {"size": "large"}), f"size of {urn('a')}: 'large' is not of type 'integer'", None),
]


@pytest.mark.parametrize(("wrong", "message", "hint"), WRONG)
def test_properties_are_checked_against_their_type(wrong: dict[str, object], message: str, hint: str | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        schema.check(graph(wrong), TYPES)
    assert (refused.value.message, refused.value.hint) == (message, hint)


def test_a_value_that_is_not_known_yet_is_left_to_its_provider() -> None:
    schema.check(graph(resource("a"), resource("b", {"size": ref("a")})), TYPES)
