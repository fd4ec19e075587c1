"""A plan's page: what it would do, whether it still can, and what comes of it while it is applied."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from roadbed.control.domain import Operation
from roadbed.engine.domain import Plan, PlanOptions, key
from roadbed.engine.views import HistoryEntry, JournalEntry
from roadbed.kit.errors import InvalidInput, NotFound, Refused
from roadbed.portal.components.graph import Picture, plan_picture
from roadbed.portal.components.plan_progress import Progress, finals, message, progress
from roadbed.portal.components.plan_status import PlanStatus, plan_status
from roadbed.portal.components.plan_tree import PlanRow, PlanTree, page_of, plan_tree
from roadbed.portal.components.plan_words import WORDS
from roadbed.portal.formatting import counted, path_of
from roadbed.portal.layout import Head
from roadbed.portal.pages.stack_actions import plan_command
from roadbed.portal.rendering import SECURITY_HEADERS
from roadbed.portal.visit import CurrentVisit, Visit
from roadbed.stacks.domain import PlanState, StackDetail, Wish

Number = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Query(max_length=1_000)]
Start = Annotated[int, Query(ge=0, le=1_000_000)]

BASE = "/stacks/{name}/plans/{number}"
_HISTORY = 200
_ENTRIES = 4_000


@dataclass(frozen=True, slots=True)
class PlanPage:
    """`wish` is how it was asked for; `finals` is what the browser must know to tell what is finished."""

    plan: Plan
    status: PlanStatus
    tree: PlanTree
    picture: Picture
    progress: Progress
    wish: Wish
    release: int | None

    @property
    def stack(self) -> str:
        return self.plan.stack

    @property
    def path(self) -> str:
        return f"/stacks/{self.stack}/plans/{self.plan.number}"

    @property
    def finals(self) -> str:
        return json.dumps(finals(self.plan)).replace("<", "\\u003c")

    @property
    def failures(self) -> tuple[tuple[str, str], ...]:
        return tuple((path_of(about), text) for about, text in self.progress.errors.items())

    @property
    def ends_stack(self) -> bool:
        return self.wish.ends_stack

    @property
    def warning(self) -> str | None:
        """Of a plan that deletes: how much, and what it lets go."""
        deleted, kept = self.plan.summary.get("delete", 0), self.plan.summary.get("retain", 0)
        if not deleted:
            return None
        what, whose = counted(deleted, "resource"), "it holds" if deleted == 1 else "they hold"
        stays = f" {counted(kept, 'resource')} will be let go and not deleted." if kept else ""
        return f"This deletes {what} of {self.stack} with all {whose}.{stays} It can't be undone."

    @property
    def part(self) -> str | None:
        """Said of a plan for a part of the stack only."""
        chosen = self.wish.targets
        return None if not chosen else ", ".join(chosen)


@dataclass(frozen=True, slots=True)
class StepsPage:
    """Some steps of a large plan; `next` leads to those after them."""

    stack: str
    number: int
    title: str
    rows: Sequence[PlanRow]
    next: str | None

    @property
    def path(self) -> str:
        return f"/stacks/{self.stack}/plans/{self.number}"


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route(BASE, plan, methods=["GET"])
    routes.add_api_route(f"{BASE}/steps", steps, methods=["GET"])
    routes.add_api_route(f"{BASE}/progress", follow, methods=["GET"])
    routes.add_api_route(f"{BASE}/apply", apply, methods=["POST"])
    routes.add_api_route(f"{BASE}/discard", discard, methods=["POST"])


async def plan(visit: CurrentVisit, name: str, number: Number) -> Response:
    found = await visit.services.stacks.get_plan(visit.call, name, number)
    stack = await visit.services.stacks.stack(visit.call, name)
    made = await visit.services.stacks.plan_state(visit.call, name, number)
    status = await _status(visit, found, stack, made)
    reached = await _progress(visit, found, ended=not status.running) if status.begun else None
    page = PlanPage(
        plan=found,
        status=status,
        tree=plan_tree(found, reached),
        picture=plan_picture(found.steps, reached),
        progress=reached or Progress(len(found.changing)),
        wish=made.wish if made else _wish(found.options),
        release=made.release if made else None,
    )
    live = [f"stack:{name}"]
    if status.operation is not None:
        live.append(f"operation:{status.operation.id}")
    head = Head(f"Plan {number} · {name}", "stacks", _command(page), tuple(live))
    return visit.render("pages/stack/plan.html", page, head)


async def steps(
    visit: CurrentVisit, name: str, number: Number, type: Text, action: Text, group: Text = "", start: Start = 0
) -> Response:
    """A page of the steps of a large plan: on its own, or fetched into the page of the plan."""
    found = await visit.services.stacks.get_plan(visit.call, name, number)
    stack = await visit.services.stacks.stack(visit.call, name)
    reached = await _progress(visit, found, ended=stack.applying != number)
    rows, after = page_of(found, group, type, action, start, reached if reached.states else None)
    here = {"group": group, "type": type, "action": action, "start": after}
    page = StepsPage(
        stack=name,
        number=number,
        title=f"{type}: {next((text for known, text in WORDS.items() if known == action), action)}",
        rows=rows,
        next=None if after is None else f"/stacks/{name}/plans/{number}/steps?{urlencode(here)}",
    )
    if visit.request.headers.get("HX-Request"):
        return visit.fragment("pages/stack/steps.html", page)
    return visit.render("pages/stack/some_steps.html", page, Head(page.title, "stacks", f"roadbed stack show {name}"))


async def follow(visit: CurrentVisit, name: str, number: Number, after: Annotated[int, Query(ge=0)] = 0) -> Response:
    """The journal after an entry, as `assets/src/progress.ts` reads it. It asks again until nothing more comes."""
    entries = (await visit.services.stacks.journal(visit.call, name, number, after))[:_ENTRIES]
    body = {"entries": [_entry(entry) for entry in entries], "after": entries[-1].id if entries else after}
    return JSONResponse(body, headers={**SECURITY_HEADERS, "Cache-Control": "no-store"})


async def apply(visit: CurrentVisit, name: str, number: Number) -> Response:
    """The end of a stack asks for its name, as on the command line."""
    made = await visit.services.stacks.plan_state(visit.call, name, number)
    if made is not None and made.wish.ends_stack and visit.form.get("confirm") != name:
        raise InvalidInput("the name that you typed is not the stack's", hint=f"type {name} to delete all of it")
    await visit.services.stacks.apply(visit.call, name, number)
    return visit.go(f"/stacks/{name}/plans/{number}")


async def discard(visit: CurrentVisit, name: str, number: Number) -> Response:
    await visit.services.stacks.discard(visit.call, name, number)
    return visit.go(f"/stacks/{name}/plans/{number}")


async def _status(visit: Visit, plan: Plan, stack: StackDetail, made: PlanState | None) -> PlanStatus:
    operation = await _operation(visit, made.operation if made else None)
    entry = await _entry_of(visit, plan)
    return plan_status(plan, stack, made, operation, entry)


async def _operation(visit: Visit, id_: str | None) -> Operation | None:
    """None also for who may see the plan, and not who applies it."""
    if id_ is None:
        return None
    try:
        return await visit.services.operations.get(visit.call, id_)
    except (NotFound, Refused):
        return None


async def _entry_of(visit: Visit, plan: Plan) -> HistoryEntry | None:
    found = await visit.services.stacks.history(visit.call, plan.stack, _HISTORY)
    return next((entry for entry in found if entry.plan == plan.number and entry.action == "apply"), None)


async def _progress(visit: Visit, plan: Plan, *, ended: bool) -> Progress:
    """The journal comes in pages."""
    entries: list[JournalEntry] = []
    while more := await visit.services.stacks.journal(
        visit.call, plan.stack, plan.number, entries[-1].id if entries else 0
    ):
        entries += more
    return progress(plan, entries, ended=ended)


def _entry(entry: JournalEntry) -> Mapping[str, object]:
    line: dict[str, object] = {"key": key(entry.urn, entry.deposed), "do": entry.do, "event": entry.event}
    if entry.event == "failed":
        line["error"] = message(entry)
    return line


def _wish(options: PlanOptions) -> Wish:
    targets, replaced = tuple(sorted(options.targets)), tuple(sorted(options.replace))
    return Wish(targets, replace=replaced, refresh=options.refresh, destroy=options.destroy)


def _command(page: PlanPage) -> str:
    """What applies it, as long as that can be done; else what makes it anew."""
    if page.status.name == "open":
        return f"roadbed apply {page.stack} --plan {page.plan.number}"
    return plan_command(page.stack, page.wish)
