"""A plan as a tree: each resource under its component, each change of a property under its resource. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from roadbed.cli.style import PLAIN, Style
from roadbed.cli.text import clean, plural, shorten, width
from roadbed.client.models import Plan, PlanStep, PropertyChange, Verdict

_MARKS = {"create": "+", "update": "~", "replace": "±", "delete": "-", "none": " "}
_COLOURS = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red", "none": "dim"}
_PARTICIPLES = {"create": "create", "update": "update", "replace": "replace", "delete": "delete"}
_HIDDEN = "•••"
_VALUE_COLUMNS = 72


def render(plan: Plan, style: Style = PLAIN) -> str:
    number = f"Plan {plan['number']}" if plan.get("number") else "Plan"
    lines = [style.paint(f"{number} of {plan['stack']}", "bold")]
    changing = [step for step in plan["steps"] if step["action"] != "none"]
    for component, steps in _by_component(changing):
        lines += ["", f"  {component}", *(line for step in steps for line in _step_lines(step, style))]
    for verdict in plan.get("verdicts") or ():
        lines += ["", *_verdict_lines(verdict, style)]
    return "\n".join([*lines, "", _summary(plan)])


def _by_component(steps: Sequence[PlanStep]) -> list[tuple[str, list[PlanStep]]]:
    """In the plan's own order of first mention."""
    found: dict[str, list[PlanStep]] = {}
    for step in steps:
        found.setdefault(_component(step), []).append(step)
    return list(found.items())


def _component(step: PlanStep) -> str:
    """The path of a URN less its stack and name: `web` of `orders@dev/web/db#postgres:Database`."""
    path = step["urn"].partition("#")[0].split("/")
    return "/".join(path[1:-1]) or path[0]


def _step_lines(step: PlanStep, style: Style) -> list[str]:
    action = step["action"]
    mark = style.paint(_MARKS.get(action, "?"), _COLOURS.get(action, ""), "bold")
    notes = [note for note, holds in (("interrupts the service", step.get("interrupting")),) if holds]
    place = _place(step)
    behind = "".join(f"  {style.paint(f'({note})', 'yellow')}" for note in notes)
    behind += f"  {style.paint(place, 'dim')}" if place else ""
    lines = [f"    {mark} {style.paint(step['name'], 'bold')}  {style.paint(step['type'], 'dim')}{behind}"]
    changes = step.get("changes") or []
    longest = max((width(change["path"]) for change in changes), default=0)
    return lines + [_change_line(change, action, longest, style) for change in changes]


def _place(step: PlanStep) -> str:
    source = step.get("source")
    if not source:
        return ""
    return f"{source['file']}:{source['line']}" if source.get("line") else source["file"]


def _change_line(change: PropertyChange, action: str, longest: int, style: Style) -> str:
    label = change["path"] + " " * (longest - width(change["path"]))
    if action == "create":
        values = _value(change, "after")
    elif action == "delete":
        values = _value(change, "before")
    else:
        values = f"{_value(change, 'before')} {style.paint('→', 'dim')} {_value(change, 'after')}"
    why = style.paint("  (makes it anew)", "magenta") if change.get("replaces") else ""
    return f"        {label}  {values}{why}"


def _value(change: PropertyChange, side: str) -> str:
    value: Any = change.get(side)
    if value is None and side == "before":
        return "(none)"
    if change.get("secret"):
        return "(none)" if value is None and not change.get("unknown") and change.get("before") else _HIDDEN
    if change.get("unknown") and side == "after":
        return "(known after it is applied)"
    if value is None:
        return "(none)"
    return shorten(clean(json.dumps(value, ensure_ascii=False)), _VALUE_COLUMNS)


def _verdict_lines(verdict: Verdict, style: Style) -> list[str]:
    colour = {"mandatory": "red", "advisory": "yellow"}.get(verdict["level"], "cyan")
    about = f"{verdict['resource']}: " if verdict.get("resource") else ""
    lines = [f"  {style.paint(verdict['level'], colour)} {verdict['policy']}: {about}{verdict['message']}"]
    return lines + ([f"    → {verdict['remedy']}"] if verdict.get("remedy") else [])


def _summary(plan: Plan) -> str:
    summary = plan["summary"]
    parts = [f"{summary[action]} to {verb}" for action, verb in _PARTICIPLES.items() if summary.get(action)]
    same = summary.get("none") or 0
    if not parts:
        return f"Nothing to change: {plural(same, 'resource')} as declared."
    return ", ".join(parts) + (f"; {same} unchanged." if same else ".")
