"""A stack's resources, or a plan's steps, as a picture: the data that `assets/src/graph.ts` draws.

Components and workloads are frames around what they hold, so that two resources of one name can be told apart.

The table or tree beside it says the same. More than a few hundred nodes are no picture, and slow: those aren't drawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from roadbed.delivery.views import Resource
from roadbed.engine.domain import Step
from roadbed.portal.components.plan_progress import Progress
from roadbed.portal.components.plan_words import sign
from roadbed.portal.components.resource_tree import FAILED, state_of
from roadbed.portal.components.tones import tone
from roadbed.portal.formatting import path_of
from roadbed.stacks.domain import ResourceView
from roadbed.stacks.graph import StackGraph

MOST_NODES = 300
_LARGE = 30

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """`action` is what a plan does to it, with the `sign` of that; `state` a tone's name. Components hold others."""

    urn: str
    type: str
    state: str
    depends_on: frozenset[str]
    action: str = ""
    sign: str = ""
    component: bool = False

    @property
    def path(self) -> Path:
        return tuple(path_of(self.urn).split("/"))

    @property
    def label(self) -> str:
        return f"{self.sign} {self.path[-1]}".strip()


@dataclass(frozen=True, slots=True)
class Picture:
    """`left_out` of `total` are not drawn: all of them, or what a plan leaves as it is."""

    data: str
    drawn: int
    total: int

    @property
    def left_out(self) -> int:
        return self.total - self.drawn

    @property
    def large(self) -> bool:
        """Whether it is worth more of the page's height."""
        return self.drawn > _LARGE


def application_picture(resources: Sequence[Resource]) -> Picture:
    return _picture([Node(one.urn, one.type, tone(one.state).name, one.depends_on) for one in resources])


def stack_picture(resources: Sequence[ResourceView], drifted: dict[str, str]) -> Picture:
    """`drifted` holds the drift state of what is not as it should be."""
    return _picture(
        [
            Node(one.urn, one.type, _tone_of(one, drifted), one.depends_on, component=one.kind == "component")
            for one in resources
            if one.state != "deposed"
        ]
    )


def between_picture(graph: StackGraph) -> Picture:
    """Stacks that use each other; those that stand alone are left to the table."""
    tied = {name for edge in graph.uses for name in (edge.consumer, edge.stack)}
    used = {name: frozenset(_urn(edge.stack) for edge in graph.uses if edge.consumer == name) for name in tied}
    kinds = {one.stack: one.kind for one in graph.stacks}
    nodes = [Node(_urn(name), kinds.get(name, "module"), "", used[name]) for name in sorted(tied)]
    return _picture(nodes)


def _urn(stack: str) -> str:
    """A stack in a picture of resources stands for itself."""
    return f"stacks/{stack}#"


def plan_picture(steps: Sequence[Step], progress: Progress | None) -> Picture:
    """All steps; of many, only those that change something."""
    shown = [step for step in steps if not step.deposed]
    total = _count(shown)
    if total > MOST_NODES:
        shown = [step for step in shown if step.action != "none"]
    return _picture([_step_node(step, progress) for step in shown], total)


def _tone_of(one: ResourceView, drifted: dict[str, str]) -> str:
    state = state_of(one)
    return tone(state if state in FAILED else drifted.get(one.urn, state)).name


def _step_node(step: Step, progress: Progress | None) -> Node:
    changes = step.action != "none"
    state = progress.state(step) if progress is not None and changes else ""
    return Node(
        step.urn,
        step.type,
        state,
        step.depends_on | step.depended_on,
        step.action,
        sign(step) if changes else "",
        component=step.kind == "component",
    )


def _count(steps: Sequence[Step]) -> int:
    return sum(step.kind != "component" for step in steps)


def _picture(nodes: Sequence[Node], total: int | None = None) -> Picture:
    leaves = [node for node in nodes if not node.component]
    total = len(leaves) if total is None else total
    if len(leaves) > MOST_NODES:
        return Picture("", 0, total)
    return Picture(_json(nodes, leaves), len(leaves), total)


def _json(nodes: Sequence[Node], leaves: Sequence[Node]) -> str:
    """JSON that is safe inside a script element: no `<` in it."""
    frames = _frames(nodes, leaves)
    inside = {path: frame["id"] for path, frame in frames.items()}
    drawn = [_shown(node) | {"parent": inside.get(node.path) or inside.get(node.path[:-1], "")} for node in leaves]
    holding = {node.urn for node in nodes if node.component}
    known = {one["id"] for one in (*drawn, *frames.values())}
    edges = [
        {"from": used, "to": node.urn}
        for node in nodes
        for used in sorted(node.depends_on)
        if {used, node.urn} <= known
        and used != node.urn
        and not (holding & {used, node.urn} and _holds(node.urn, used))
    ]
    picture = {"nodes": drawn, "frames": list(frames.values()), "edges": edges}
    return json.dumps(picture, ensure_ascii=False).replace("<", "\\u003c")


def _frames(nodes: Iterable[Node], leaves: Iterable[Node]) -> dict[Path, dict[str, str]]:
    """By path, each after the one that it stands in: of everything that holds a leaf, a component or just a name."""
    components = {node.path: node for node in nodes if node.component}
    paths = sorted({leaf.path[:depth] for leaf in leaves for depth in range(1, len(leaf.path))})
    frames: dict[Path, dict[str, str]] = {}
    for path in paths:
        component = components.get(path)
        shown = _shown(component) if component else _unnamed("/".join(path), path[-1])
        frames[path] = shown | {"parent": frames[path[:-1]]["id"] if len(path) > 1 else ""}
    return frames


def _shown(node: Node) -> dict[str, str]:
    return {"id": node.urn, "label": node.label, "type": node.type, "state": node.state, "action": node.action}


def _unnamed(path: str, label: str) -> dict[str, str]:
    """Of a workload, which is no resource itself."""
    return {"id": f"frame {path}", "label": label, "type": "", "state": "", "action": ""}


def _holds(one: str, other: str) -> bool:
    """Whether either stands in the other: a frame says it already."""
    a, b = path_of(one) + "/", path_of(other) + "/"
    return a.startswith(b) or b.startswith(a)
