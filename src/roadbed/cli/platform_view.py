"""Building blocks, their examples, and what publishing one changes, for a person to read. Pure."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roadbed.cli.style import Style
from roadbed.cli.text import clean, plural, table
from roadbed.client.blocks import (
    BlockCase,
    Impact,
    PublishedBlock,
    PublishedBlocks,
    PublishedVersion,
    RepoCheck,
    RepoProblem,
    StackImpact,
)

_STACKS_SHOWN, _LINES_SHOWN = 20, 60
_MARKS = {"same": ("✓", "green"), "new": ("+", "yellow"), "changed": ("≠", "yellow"), "failed": ("✗", "red")}
_TOLD = {"new": "is not kept yet", "changed": "is other than it is kept"}


def tried(found: Mapping[str, Sequence[BlockCase]], style: Style) -> str:
    return "\n".join(line for case in found["items"] for line in _case(case, style))


def _case(case: BlockCase, style: Style) -> Iterator[str]:
    mark, colour = _MARKS[case["state"]]
    told = _TOLD.get(case["state"], "")
    if case["state"] == "failed":
        told = clean(": ".join(filter(None, (case["place"], case["message"]))))
    named = f"{case['block']}/{case['example']}" + (":" if case["state"] == "failed" else "")
    yield f"{style.paint(mark, colour)} {named} {told}".rstrip()
    if case["hint"]:
        yield f"    → {clean(case['hint'])}"
    if case["state"] == "changed":
        yield from (f"    {clean(line)}" for line in _difference(case))


def _difference(case: BlockCase) -> list[str]:
    kept, planned = case["kept"].splitlines(), case["planned"].splitlines()
    lines = list(difflib.unified_diff(kept, planned, case["file"], "now", lineterm="", n=2))
    return lines if len(lines) <= _LINES_SHOWN else [*lines[:_LINES_SHOWN], f"… and {len(lines) - _LINES_SHOWN} more"]


def checked(found: RepoCheck, style: Style) -> str:
    """`file:line:column: message`, as compilers say it."""
    lines = []
    for one in found["problems"]:
        lines.append(_problem(one))
        lines += [f"  → {clean(one['hint'])}"] if one["hint"] else []
    good = f"{style.paint('✓', 'green')} {plural(found['files'], 'file')} of the platform repo: nothing is wrong."
    return "\n".join(lines) or good


def _problem(one: RepoProblem) -> str:
    place = ":".join(str(part) for part in (one["file"], one["line"], one["column"]) if part)
    return clean(f"{place}: {one['message']}" if place else one["message"])


def impacts(found: Mapping[str, Sequence[Impact]], style: Style) -> str:
    return "\n\n".join("\n".join(_impact(one, style)) for one in found["items"])


def foreseen(found: Mapping[str, Sequence[Impact]], style: Style) -> str:
    """The same, and what would be refused."""
    return "\n\n".join("\n".join([*_impact(one, style), *_refused(one, style)]) for one in found["items"])


def _refused(impact: Impact, style: Style) -> Iterator[str]:
    if refused := impact["refused"]:
        yield f"  {style.paint('would be refused', 'red')}: {_problem(refused)}"
        yield from [f"    → {clean(refused['hint'])}"] if refused["hint"] else []


def _impact(impact: Impact, style: Style) -> Iterator[str]:
    yield style.paint(f"{impact['name']} {impact['version']}", "bold")
    for environment, before in impact["before"].items():
        yield f"  {environment}: {before or 'none'} → {impact['version']}"
    if not impact["before"]:
        yield "  It is in use nowhere at once: bring it to an environment with --to."
    for one in impact["differences"]:
        mark = style.paint("breaks", "red") if one["level"] == "major" else one["level"]
        yield clean(f"  {mark}: {one['message']}")
    changed = impact["stacks"]
    who = plural(impact["using"], "stack")
    yield f"  {who} there {'asks' if impact['using'] == 1 else 'ask'} for it; {len(changed) or 'none'} would change" + (
        ":" if changed else "."
    )
    for stack in changed[:_STACKS_SHOWN]:
        yield from _stack(stack, style)
    if len(changed) > _STACKS_SHOWN:
        yield f"    … and {len(changed) - _STACKS_SHOWN} more; all of them: -o json"


def _stack(stack: StackImpact, style: Style) -> Iterator[str]:
    if stack["problems"]:
        yield f"    {stack['stack']} {style.paint('could not be planned any more', 'red')}:"
        yield from (f"      {_problem(one)}" for one in stack["problems"])
        return
    counted = Counter(step["action"] for step in stack["steps"])
    told = ", ".join(f"{count} to {action}" for action, count in counted.items())
    lost = f"  {style.paint('loses data', 'red')}" if stack["loses_data"] else ""
    owner = f" ({stack['owner']})" if stack["owner"] else ""
    yield f"    {stack['stack']}{owner}: {told}{lost}"
    for step in stack["steps"]:
        mark = f"  {style.paint('loses data', 'red')}" if step["loses_data"] else ""
        yield clean(f"      {step['action']} {step['urn'].partition('/')[2]}{mark}")


def published(done: PublishedVersion, style: Style) -> str:
    where = ", ".join(done["environments"])
    said = f"is used in {where} from now on" if where else "is published, and used nowhere yet"
    stacks = done["impact"]["stacks"]
    changed = [one["stack"] for one in stacks if not one["problems"]]
    broken = [one["stack"] for one in stacks if one["problems"]]
    lines = [f"{style.paint('✓', 'green')} {done['name']} {done['version']} {said}."]
    if changed:
        lines.append(f"{plural(len(changed), 'stack')} will change with the next deployment or apply.")
        lines.append(f"To do it now: roadbed apply {changed[0]}")
    if broken:
        shown = ", ".join(broken[:_STACKS_SHOWN])
        lines.append(f"{plural(len(broken), 'stack')} can't be planned until changed: {shown}")
    return "\n".join(lines)


def versions_table(found: PublishedBlocks, style: Style) -> str:
    environments = list(dict.fromkeys(use["environment"] for one in found["items"] for use in one["uses"]))
    head = ("BLOCK", "NEWEST", "MATURITY", "OWNER", *(name.upper() for name in environments))
    return table(head, [_row(one, environments) for one in found["items"]], style)


def _row(one: PublishedBlock, environments: Sequence[str]) -> tuple[str, ...]:
    uses = {use["environment"]: use["version"] for use in one["uses"]}
    told = (one["name"], one["version"], one["maturity"] or "", one["owner"] or "")
    return (*told, *(uses.get(name, "") for name in environments))


def versions_of_one(one: PublishedBlock, style: Style) -> str:
    uses: dict[str, list[str]] = {}
    for use in one["uses"]:
        uses.setdefault(use["version"], []).append(use["environment"])
    rows = [
        (each["version"], ", ".join(uses.get(each["version"], [])), _when(each), each["published_by"], each["message"])
        for each in reversed(one["versions"])
    ]
    lines = [table(("VERSION", "USED IN", "PUBLISHED", "BY", "WHAT"), rows, style)]
    if one["used_by"]:
        lines += ["", f"Asked for by {', '.join(one['used_by'])}"]
    return "\n".join(lines)


def _when(version: Any) -> str:
    return str(version["published_at"])[:16].replace("T", " ")
