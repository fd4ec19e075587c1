"""A plan for a person to read: a tree of what it does, what changes of each resource and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from roadbed.cli.asked import day, people
from roadbed.cli.plan_cost import cost_line, step_figures
from roadbed.cli.plan_diff import difference
from roadbed.cli.plan_tree import (
    FEW,
    SIGILS,
    Branch,
    MoreBranches,
    MoreSteps,
    gathered_branches,
    gathered_steps,
    path_of,
    sigil,
    tree,
)
from roadbed.cli.style import PLAIN, Style
from roadbed.cli.text import clean, number, plural, width

if TYPE_CHECKING:
    from roadbed.client.models import (
        Plan,
        PlanNote,
        PlanRewrite,
        PlanStep,
        PropertyChange,
        Remediation,
        SourcePlace,
        Verdict,
    )

COLUMNS = 80
_NARROWEST = 24
_REWRITES_SHOWN = 10
_COLOURS = {"+": "green", "~": "yellow", "-": "red", "+/-": "magenta", "-/+": "magenta"}
_VERBS = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
    "read": "read",
    "adopt": "adopt",
    "import": "import",
    "retain": "let go",
}
_LEGEND = {
    "+/-": "replaced, the new one first",
    "-/+": "replaced, the old one deleted first",
    SIGILS["read"]: "read only",
    SIGILS["adopt"]: "what an earlier attempt left is taken over, or it is made",
    SIGILS["import"]: "imported",
    SIGILS["retain"]: "let go: stays in the world, leaves the state",
}
"""Of the sigils that don't speak for themselves."""
_BESIDE = ("rewrites", "exports", "verdicts", "remediations")
"""What a plan may have to say beside its steps."""


def render(plan: Plan, style: Style = PLAIN, *, detail: bool = False, columns: int = COLUMNS) -> str:
    """The whole view; one line where nothing changes. `detail` shows each step and cuts no value."""
    steps = [step for step in plan["steps"] if step["action"] != "none"]
    notes = _notes_of(plan, style)
    told = any(plan.get(part) for part in _BESIDE)
    if (changes_nothing(plan) and not plan.get("remediations")) or not (steps or told):
        return "\n".join([summary(plan), *notes])
    whole, costs = detail or len(steps) <= FEW, step_figures(plan)
    view = _View(style, detail=detail, columns=columns, whole=whole, wide=_wide(steps), costs=costs)
    lines = [style.paint(_heading(plan), "bold"), *view.tree(tree(steps))]
    lines += _rewrites(_rewritten_only(plan), style, whole=detail)
    if exports := plan.get("exports"):
        lines += ["", "  Exports:", *view.changes(exports, "update", "    ")]
    lines += view.remedied(plan.get("remediations") or ())
    for verdict in plan.get("verdicts") or ():
        lines += ["", *verdict_lines(verdict, style)]
    ending = [summary(plan), *needs_lines(plan), *([clean(cost)] if (cost := cost_line(plan)) else [])]
    return "\n".join([*lines, *notes, "", *_legend(steps, style), *ending])


def needs_lines(plan: Plan) -> list[str]:
    """Whose approval applying it takes."""
    return [f"Applying it takes {people(need)} ({clean(need['because'])})." for need in plan.get("needs") or ()]


def changes_nothing(plan: Plan) -> bool:
    """Neither the world nor the state."""
    empty = not any(count for action, count in plan["summary"].items() if action != "none")
    return plan.get("empty", empty and not (plan.get("rewrites") or plan.get("exports"))) and not plan.get("verdicts")


def summary(plan: Plan) -> str:
    """`3 to create, 1 to replace; 40 unchanged.`"""
    counts = plan["summary"]
    parts = [f"{number(counts[action])} to {verb}" for action, verb in _VERBS.items() if counts.get(action)]
    anew = len(_rewritten_only(plan))
    parts += [f"{number(anew)} to be recorded anew"] if anew else []
    parts += [f"{plural(len(exports), 'export')} to change"] if (exports := plan.get("exports")) else []
    same = counts.get("none") or 0
    if parts:
        return ", ".join(parts) + (f"; {number(same)} unchanged." if same else ".") + _losing(plan)
    if (plan.get("options") or {}).get("destroy"):
        return f"Nothing to delete: {plan['stack']} holds no resources."
    correction = "" if plan.get("empty", True) else " What the state says of some is recorded anew."
    return f"Nothing to change: {plural(same, 'resource')} of {plan['stack']} as declared.{correction}"


def loses_data(plan: Plan) -> bool:
    return any(step.get("loses_data") for step in plan["steps"])


def _losing(plan: Plan) -> str:
    """What is deleted with its data, so that nobody overlooks it in a long plan."""
    named = ["/".join(path_of(step["urn"])) for step in plan["steps"] if step.get("loses_data")]
    if not named:
        return ""
    more = f" and {number(len(named) - FEW)} more" if len(named) > FEW else ""
    return f"\nThis deletes the data in {', '.join(map(clean, named[:FEW]))}{more}."


def _heading(plan: Plan) -> str:
    named = f"Plan {plan['number']} of {plan['stack']}" if plan.get("number") else f"Plan of {plan['stack']}"
    options = plan.get("options") or {}
    asked = ["to destroy it"] if options.get("destroy") else []
    asked += ["after a refresh"] if options.get("refresh") else []
    asked += [f"for {plural(len(options['targets']), 'resource')} only"] if options.get("targets") else []
    return f"{named}, {', '.join(asked)}" if asked else named


def _wide(steps: Iterable[PlanStep]) -> int:
    return max((len(sigil(step)) for step in steps), default=1)


@dataclass(frozen=True, slots=True)
class _View:
    """`wide` is the width of the widest sigil, which all are padded to; `costs` what steps add to the bill, by URN."""

    style: Style
    detail: bool
    columns: int
    whole: bool
    wide: int
    costs: Mapping[str, str] = field(default_factory=dict)

    def tree(self, root: Branch) -> Iterator[str]:
        if root.steps:
            yield ""
        yield from self._leaves(root, "  ")
        for below in gathered_branches(root, whole=self.whole):
            yield ""
            yield from self._branch(below, "  ")

    def _branch(self, branch: Branch | MoreBranches, indent: str) -> Iterator[str]:
        if isinstance(branch, MoreBranches):
            yield f"{indent}… and {number(branch.number)} more like it: {_counted(branch)}"
            return
        if branch.step is not None:
            yield from self._step(branch.step, indent)
        else:
            yield f"{indent}{' ' * (self.wide - 1)}{clean(branch.name)}"
        yield from self._leaves(branch, indent + "  ")
        for below in gathered_branches(branch, whole=self.whole):
            yield from self._branch(below, indent + "  ")

    def _leaves(self, branch: Branch, indent: str) -> Iterator[str]:
        for step in gathered_steps(branch, whole=self.whole):
            if isinstance(step, MoreSteps):
                yield self._more(step, indent)
            else:
                yield from self._step(step, indent)

    def _more(self, more: MoreSteps, indent: str) -> str:
        like = more.like
        paths = [change["path"] for change in like.get("changes") or ()] if like["action"] == "update" else []
        behind = f" ({', '.join(paths)})" if paths else ""
        text = f"{number(more.number)} more {like['type']}{behind}"
        return f"{indent}{self._sigil(like)} {self.style.paint(clean(text), 'dim')}"

    def _sigil(self, step: PlanStep) -> str:
        mark = sigil(step)
        return " " * (self.wide - len(mark)) + self.style.paint(mark, _COLOURS.get(mark, "cyan"), "bold")

    def _step(self, step: PlanStep, indent: str) -> Iterator[str]:
        """`+ db  postgres:Database  score.yaml:14  +1.96`, its notes, its changes. The rest gets a line if it must."""
        name, kind = clean(step["name"]), clean(step["type"])
        place = "  ".join(part for part in (_place(step), self.costs.get(step["urn"], "")) if part)
        begin = f"{indent}{self._sigil(step)} {self.style.paint(name, 'bold')}  {self.style.paint(kind, 'dim')}"
        taken = width(f"{indent}{name}  {kind}  {place}") + self.wide + 1
        inner = indent + " " * (self.wide + 3)
        if place and taken <= self.columns:
            yield f"{begin}  {self.style.paint(place, 'dim')}"
        else:
            yield begin
            if place:
                yield inner + self.style.paint(place, "dim")
        for mark, note in _notes(step):
            yield f"{inner}{self.style.paint(f'{mark} {note}', 'yellow' if mark == '!' else 'cyan')}"
        yield from self.changes(step.get("changes") or [], step["action"], inner)

    def remedied(self, found: Sequence[Remediation]) -> Iterator[str]:
        """What policies changed of what was declared: whose policy, of which resource, and why."""
        if found:
            yield from ("", "  Put right by policies:")
        for each in found:
            who, what = self.style.paint(clean(each["policy"]), "cyan"), clean("/".join(path_of(each["resource"])))
            place = _shown_place(each.get("source"))
            yield f"    {who}  {what}{self.style.paint(f'  {place}', 'dim') if place else ''}"
            yield f"      {clean(each['message'])}"
            yield from self.changes(each["changes"], "update", "      ")

    def changes(self, changes: Sequence[PropertyChange], action: str, indent: str) -> Iterator[str]:
        longest = min(max((width(change["path"]) for change in changes), default=0), self.columns // 3)
        for change in changes:
            yield from self._change(change, action, indent, longest)

    def _change(self, change: PropertyChange, action: str, indent: str, longest: int) -> Iterator[str]:
        why = "  (forces replacement)" if change.get("replaces") else ""
        path = clean(change["path"])
        label = path + " " * (longest - width(path))
        room = max(self.columns - len(indent) - width(label) - 2 - len(why), _NARROWEST)
        first, *below = difference(change, action, room, self.style, full=self.detail)
        yield f"{indent}{label}  {first}{self.style.paint(why, 'magenta')}".rstrip()
        yield from (f"{indent}  {line}" for line in below)


def _counted(more: MoreBranches) -> str:
    return ", ".join(f"{mark} {number(count)} {clean(kind)}" for (mark, kind), count in more.counts.items())


def _place(step: PlanStep) -> str:
    return _shown_place(step.get("source"))


def _shown_place(source: SourcePlace | None) -> str:
    if not source:
        return ""
    return clean(f"{source['file']}:{source['line']}" if source.get("line") else source["file"])


def _notes(step: PlanStep) -> Iterator[tuple[str, str]]:
    """What is to be known of a step: `!` before what may hurt."""
    if step.get("interrupting"):
        yield "!", "interrupts what uses it"
    if step.get("may_run_twice"):
        yield "!", "may run twice if the platform crashes meanwhile"
    if step.get("loses_data"):
        yield "!", "deletes the data in it"
    if moved := step.get("moved_from"):
        yield "·", f"moved from {clean('/'.join(path_of(moved)))}"
    if step.get("deposed"):
        yield "·", "left over from an earlier replacement"
    if step["action"] in ("import", "read") and step.get("id"):
        yield "·", clean(f"id {step['id']}")
    if note := step.get("note"):
        yield "·", clean(note)


def _rewritten_only(plan: Plan) -> Sequence[PlanRewrite]:
    """Of resources that nothing else is done to; the others' steps say it."""
    told = {step["urn"] for step in plan["steps"] if step["action"] != "none"}
    return [rewrite for rewrite in plan.get("rewrites") or () if rewrite["urn"] not in told]


def _rewrites(left: Sequence[PlanRewrite], style: Style, *, whole: bool) -> list[str]:
    if not left:
        return []
    shown = left if whole or len(left) <= _REWRITES_SHOWN + 2 else left[:_REWRITES_SHOWN]
    lines = ["", "  Recorded anew, with nothing done to them:"]
    lines += [f"    {clean('/'.join(path_of(each['urn'])))}  {style.paint(_why(each), 'dim')}" for each in shown]
    more = len(left) - len(shown)
    return lines + ([f"    … and {number(more)} more"] if more else [])


def _why(rewrite: PlanRewrite) -> str:
    if rewrite.get("gone"):
        return "is gone"
    if rewrite["was"] != rewrite["urn"]:
        return clean(f"moved from {'/'.join(path_of(rewrite['was']))}")
    if rewrite.get("refreshed"):
        return "was found changed"
    return "is declared otherwise"


def _notes_of(plan: Plan, style: Style) -> list[str]:
    """What was declared and nothing acts upon, each with its place."""
    notes = plan.get("notes") or ()
    lines = [f"  {style.paint('·', 'yellow')} {clean(each['message'])}{_behind(each, style)}" for each in notes]
    return ["", *lines] if lines else []


def _behind(note: PlanNote, style: Style) -> str:
    place = _shown_place(note.get("source"))
    return f"  {style.paint(place, 'dim')}" if place else ""


def verdict_lines(verdict: Verdict, style: Style) -> list[str]:
    """`mandatory no-public: orders@dev/exports#s3:Bucket: it is public  roadbed.py:4`, then what to do, and why."""
    waived = verdict.get("waived_by")
    colour = "dim" if waived else {"mandatory": "red", "advisory": "yellow"}.get(verdict["level"], "cyan")
    about = f"{verdict['resource']}: " if verdict.get("resource") else ""
    said = clean(f"{verdict['policy']}: {about}{verdict['message']}")
    place = _shown_place(verdict.get("source") or verdict.get("broken"))
    lines = [f"  {style.paint(verdict['level'], colour)} {said}{style.paint(f'  {place}', 'dim') if place else ''}"]
    lines += [f"    → {clean(verdict['remedy'])}"] if verdict.get("remedy") else []
    lines += [style.paint(f"    why: {clean(reason)}", "dim")] if (reason := verdict.get("reason")) else []
    if waived:
        until = f" until {day(ends)}" if (ends := verdict.get("waived_until")) else ""
        lines.append(f"    waived: {clean(waived)}{until}")
    elif asked := verdict.get("approvals"):
        lines.append(f"    may pass with {people(asked)}")
    return lines


def remediation_lines(found: Sequence[Remediation], style: Style, *, columns: int = COLUMNS) -> list[str]:
    """What policies changed of what was declared."""
    return list(_View(style, detail=False, columns=columns, whole=True, wide=1).remedied(found))


def refuses(verdict: Verdict) -> bool:
    """Whether it keeps the plan from being applied."""
    return verdict.get("refuses", verdict["level"] == "mandatory")


def _legend(steps: Iterable[PlanStep], style: Style) -> Iterator[str]:
    used = {sigil(step) for step in steps}
    for mark, meaning in _LEGEND.items():
        if mark in used:
            yield style.paint(f"  {mark:<3} {meaning}", "dim")
