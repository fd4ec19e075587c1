"""The graph across stacks: which are shown, and what ties them."""

from __future__ import annotations

from roadbed.cli import stack_graph as shown
from roadbed.cli.style import PLAIN
from roadbed.stacks.domain import StackView
from roadbed.stacks.graph import StackGraph, stack_graph

USES = [
    ("net@dev", "zone", "orders@dev"),
    ("net@dev", "key", "orders@dev"),
    ("net@dev", "zone", "db@dev"),
    ("db@dev", "host", "shop@dev"),
    ("net@prod", "zone", "orders@prod"),
    ("root@prod", "id", "orders@dev"),
]


def view(name: str) -> StackView:
    kind = "application" if name.split("@", maxsplit=1)[0] in ("orders", "shop") else "module"
    return StackView(name, "group:default/a", name.split("@")[1], kind, 1, 1, None, None, None)  # type: ignore[arg-type]


STACKS = [
    view(name) for name in ("net@dev", "orders@dev", "db@dev", "shop@dev", "net@prod", "orders@prod", "root@prod")
]


def names(graph: StackGraph) -> list[str]:
    return [one.stack for one in graph.stacks]


def test_exports_of_one_stack_are_one_arrow() -> None:
    graph = stack_graph(STACKS, USES)
    assert len(graph.stacks) == len(STACKS)
    assert {(edge.consumer, edge.stack): edge.exports for edge in graph.uses}["orders@dev", "net@dev"] == (
        "key",
        "zone",
    )


def test_an_environment_is_shown_with_what_it_uses_elsewhere() -> None:
    graph = stack_graph(STACKS, USES, environment="dev")
    assert names(graph) == ["db@dev", "net@dev", "orders@dev", "root@prod", "shop@dev"]


def test_around_a_stack_is_what_it_uses_and_what_uses_it_however_far() -> None:
    assert names(stack_graph(STACKS, USES, around="shop@dev")) == ["db@dev", "net@dev", "shop@dev"]
    assert names(stack_graph(STACKS, USES, around="net@dev")) == ["db@dev", "net@dev", "orders@dev", "shop@dev"]
    assert names(stack_graph([*STACKS, view("alone@dev")], USES, around="alone@dev")) == ["alone@dev"]


def test_it_is_drawn_as_a_tree_and_for_graphviz_and_mermaid() -> None:
    graph = stack_graph(STACKS, USES, around="shop@dev")
    wire = {
        "stacks": [{name: getattr(one, name) for name in one.__slots__} for one in graph.stacks],
        "uses": [{"consumer": one.consumer, "stack": one.stack, "exports": [*one.exports]} for one in graph.uses],
    }
    assert shown.tree(wire, PLAIN).splitlines() == [  # type: ignore[arg-type]
        "net@dev  group:default/a",
        "└─ db@dev  uses zone",
        "db@dev  group:default/a",
        "└─ shop@dev  uses host",
    ]
    assert shown.dot(wire).splitlines() == [  # type: ignore[arg-type]
        "digraph stacks {",
        "  rankdir=LR;",
        '  "db@dev" [shape=box];',
        '  "net@dev" [shape=box];',
        '  "shop@dev" [shape=ellipse];',
        '  "db@dev" -> "net@dev" [label="zone"];',
        '  "shop@dev" -> "db@dev" [label="host"];',
        "}",
    ]
    assert shown.mermaid(wire).splitlines() == [  # type: ignore[arg-type]
        "graph LR",
        '  s0["db@dev"]',
        '  s1["net@dev"]',
        '  s2("shop@dev")',
        "  s0 -->|zone| s1",
        "  s2 -->|host| s0",
    ]
