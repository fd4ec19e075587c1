"""From a plan to what it says: shown, asked about, applied, told."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from roadbed.cli.apply_view import ApplyView
from roadbed.cli.awaiting import leave
from roadbed.cli.errors import shows_progress
from roadbed.cli.follow import failure_of, follow, see_through
from roadbed.cli.journal import Journal
from roadbed.cli.output import Format, confirmed, say, show
from roadbed.cli.plan_request import refuse_if_forbidden
from roadbed.cli.plan_view import changes_nothing, render
from roadbed.cli.style import Style, columns_of, is_terminal, style_of
from roadbed.cli.text import duration, number
from roadbed.client.client import Client
from roadbed.client.operations import id_of
from roadbed.kit.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from roadbed.client.models import Operation, Plan

_DONE = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "read": "read",
    "adopt": "adopted",
    "import": "imported",
    "retain": "let go",
}


def present(plan: Plan, output: Format, *, detail: bool, asking: bool) -> None:
    """The plan: to stdout for people; to stderr when somebody who wants the result as JSON is asked about it."""
    if output is Format.text:
        style, columns = style_of(sys.stdout), columns_of(sys.stdout)
        sys.stdout.write(render(plan, style, detail=detail, columns=columns) + "\n")
        sys.stdout.flush()
    elif asking and is_terminal(sys.stdin):
        say(render(plan, style_of(sys.stderr), detail=detail, columns=columns_of(sys.stderr)))


def ask(plan: Plan) -> None:
    """Goes on only after a yes. Where nobody can be asked says how to answer beforehand."""
    this = f"roadbed apply {plan['stack']} --plan {plan['number']}"
    if not is_terminal(sys.stdin):
        raise InvalidInput(
            f"nobody is here to be asked whether to apply plan {plan['number']} of {plan['stack']}",
            hint=f"apply just this plan with `{this} --yes`, or give --yes at once",
        )
    if not confirmed("Apply it?"):
        raise Refused("you said no; nothing was changed", hint=f"the plan is kept: {this}")


def carry_out(
    client: Client,
    plan: Plan,
    output: Format,
    *,
    asked: Callable[[], None] | None,
    sentence: Callable[[dict[str, Any], Style], str],
    detach: bool = False,
    verbose: bool = False,
    wait: bool = False,
) -> None:
    """Applies a plan that was presented, once `asked` has returned; prints what came of it."""
    facts: dict[str, Any] = {"stack": plan["stack"], "plan": plan["number"], "status": "unchanged"}
    facts["summary"] = plan["summary"]
    if changes_nothing(plan):
        show({**facts, "duration_s": 0.0}, output, lambda _facts, _style: "")
        return
    refuse_if_forbidden(plan)
    if asked is not None:
        asked()
    began = time.monotonic()
    identifier = id_of(client.stacks.apply(plan["stack"], plan["number"] or 0)) or ""
    if detach:
        show({**facts, "status": "queued", "operation": identifier}, output, lambda data, _style: data["operation"])
        if output is Format.text:
            say(f"It goes on in the background. To watch it: roadbed ops show {identifier} --follow")
        return
    if shows_progress(output is not Format.text):
        operation = _watched(client, plan, identifier, verbose=verbose, wait=wait)
    else:
        operation = follow(client, identifier, progress=False, again=_again(plan), waits=wait)
    if operation["state"] == "waiting":
        leave(client, operation, output, facts)
    took = {"operation": operation["id"], "duration_s": round(time.monotonic() - began, 3)}
    show({**facts, "status": operation["state"], **(operation.get("result") or {}), **took}, output, sentence)


def _watched(client: Client, plan: Plan, identifier: str, *, verbose: bool, wait: bool) -> Operation:
    """Shows the apply as it goes; raises its error when it failed, after saying how far it came."""
    began = time.monotonic()
    view = ApplyView(plan, Journal(client, plan["stack"], plan["number"] or 0), verbose=verbose)
    operation = see_through(client, identifier, view, waits=wait)
    if operation["state"] not in ("succeeded", "waiting"):
        told = f"{view.progress.told()} ({duration(time.monotonic() - began)})"
        if view.progress.begun and operation["state"] == "failed":
            say(told)
        raise failure_of(operation, told=told if view.progress.begun else "", again=_again(plan))
    return operation


def _again(plan: Plan) -> str:
    """The command that goes on where the apply of the plan stopped."""
    words = ["roadbed", "apply", plan["stack"]]
    if options := plan.get("options"):
        words += ["--destroy"] * options["destroy"]
        words += [word for target in options["targets"] for word in ("--target", target)]
    return shlex.join(words)


def applied(result: dict[str, Any], style: Style) -> str:
    """`network@dev is as plan 4 says: 3 created, 1 updated (4.2s)`."""
    took = style.paint(f" ({duration(result['duration_s'])})", "dim")
    return f"{result['stack']} is as plan {result['plan']} says: {_counted(result['summary'])}{took}"


def _counted(counts: dict[str, int]) -> str:
    parts = [f"{number(counts[action])} {done}" for action, done in _DONE.items() if counts.get(action)]
    return ", ".join(parts) or "no resource had to change"
