"""A stack's resources, or a plan's steps, as a picture: the data that `assets/src/graph.ts` draws.

The table or tree beside it says the same. More than a few hundred nodes are no picture, and slow: those aren't drawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from roadbed.delivery.views import Resource
from roadbed.engine.domain import Step
from roadbed.portal.components.plan_progress import Progress
from roadbed.portal.components.plan_words import sign
from roadbed.portal.components.tones import tone
from roadbed.stacks.domain import ResourceView

MOST_NODES = 150


@dataclass(frozen=True, slots=True)
class Node:
    """`action` is what a plan does to it; `state` a tone's name."""

    urn: str
    name: str
    type: str
    state: str
    depends_on: frozenset[str]
    action: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """`left_out` of `total` are not drawn: all of them, or what a plan leaves as it is."""

    data: str
    drawn: int
    total: int

    @property
    def left_out(self) -> int:
        return self.total - self.drawn


def application_picture(resources: Sequence[Resource]) -> Picture:
    nodes = [Node(one.urn, one.name, one.type, tone(one.state).name, one.depends_on) for one in resources]
    return _picture(nodes, len(nodes))


def stack_picture(resources: Sequence[ResourceView], drifted: dict[str, str]) -> Picture:
    """`drifted` holds the drift state of what is not as it should be. Components hold others, and are not drawn."""
    nodes = [
        Node(one.urn, one.name, one.type, tone(drifted.get(one.urn, one.state)).name, one.depends_on)
        for one in resources
        if one.kind != "component" and one.state != "deposed"
    ]
    return _picture(nodes, len(nodes))


def plan_picture(steps: Sequence[Step], progress: Progress | None) -> Picture:
    """All steps; of many, only those that change something."""
    shown = [step for step in steps if step.kind != "component" and not step.deposed]
    total = len(shown)
    if total > MOST_NODES:
        shown = [step for step in shown if step.action != "none"]
    nodes = [
        Node(step.urn, _label(step), step.type, _state(step, progress), step.depends_on | step.depended_on, step.action)
        for step in shown
    ]
    return _picture(nodes, total)


def _label(step: Step) -> str:
    return step.name if step.action == "none" else f"{sign(step)} {step.name}"


def _state(step: Step, progress: Progress | None) -> str:
    return "" if progress is None or step.action == "none" else progress.state(step)


def _picture(nodes: Sequence[Node], total: int) -> Picture:
    if len(nodes) > MOST_NODES:
        return Picture("", 0, total)
    return Picture(_json(nodes), len(nodes), total)


def _json(nodes: Iterable[Node]) -> str:
    """JSON that is safe inside a script element: no `<` in it."""
    every = list(nodes)
    known = {node.urn for node in every}
    drawn = [
        {"id": node.urn, "label": node.name, "type": node.type, "state": node.state, "action": node.action}
        for node in every
    ]
    edges = [
        {"from": used, "to": node.urn}
        for node in every
        for used in sorted(node.depends_on)
        if used in known and used != node.urn
    ]
    return json.dumps({"nodes": drawn, "edges": edges}, ensure_ascii=False).replace("<", "\\u003c")
