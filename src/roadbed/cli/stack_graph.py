"""The graph across stacks: as a tree for people, and as Graphviz and Mermaid take it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roadbed.cli.style import Style
from roadbed.cli.text import plural
from roadbed.client.stacks import StackEdge, StackGraph

_EXPORTS_SHOWN = 4


def tree(graph: StackGraph, style: Style) -> str:
    """Each stack that others use, with those that use it and what they use; then those that stand alone."""
    used: dict[str, list[StackEdge]] = {}
    for edge in graph["uses"]:
        used.setdefault(edge["stack"], []).append(edge)
    named = {one["stack"]: one for one in graph["stacks"]}
    lines: list[str] = []
    for name, edges in used.items():
        owner = named[name]["owner"] if name in named else None
        lines.append(style.paint(name, "bold") + (f"  {owner}" if owner else ""))
        lines += _users(edges, style)
    alone = [name for name in named if name not in used and all(edge["consumer"] != name for edge in graph["uses"])]
    if alone:
        lines += (
            ["", f"{plural(len(alone), 'stack')} on their own: {', '.join(alone)}"] if lines else [", ".join(alone)]
        )
    return "\n".join(lines) or "No stacks yet."


def _users(edges: Sequence[StackEdge], style: Style) -> Iterator[str]:
    for number, edge in enumerate(edges, 1):
        branch = "└─" if number == len(edges) else "├─"
        yield f"{branch} {edge['consumer']}  {style.paint(f'uses {_exports(edge)}', 'dim')}"


def _exports(edge: StackEdge) -> str:
    shown = ", ".join(edge["exports"][:_EXPORTS_SHOWN])
    more = len(edge["exports"]) - _EXPORTS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def dot(graph: StackGraph) -> str:
    """For Graphviz: an arrow from who uses to what is used. Names hold nothing that must be escaped."""
    shapes = {"module": "box", "application": "ellipse"}
    lines = ["digraph stacks {", "  rankdir=LR;"]
    lines += [f'  "{one["stack"]}" [shape={shapes.get(one["kind"], "box")}];' for one in graph["stacks"]]
    lines += [f'  "{edge["consumer"]}" -> "{edge["stack"]}" [label="{_exports(edge)}"];' for edge in graph["uses"]]
    return "\n".join([*lines, "}"])


def mermaid(graph: StackGraph) -> str:
    """For Markdown that shows Mermaid."""
    numbers = {one["stack"]: f"s{number}" for number, one in enumerate(graph["stacks"])}
    lines = ["graph LR"]
    for one in graph["stacks"]:
        name = f'"{one["stack"]}"'
        lines.append(
            f"  {numbers[one['stack']]}[{name}]" if one["kind"] == "module" else f"  {numbers[one['stack']]}({name})"
        )
    known = [edge for edge in graph["uses"] if edge["consumer"] in numbers and edge["stack"] in numbers]
    lines += [f"  {numbers[edge['consumer']]} -->|{_exports(edge)}| {numbers[edge['stack']]}" for edge in known]
    return "\n".join(lines)
