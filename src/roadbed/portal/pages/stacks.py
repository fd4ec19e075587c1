"""Every stack that one may see: what applications and platform modules have in each environment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.platform.domain import Environment
from roadbed.portal.components.graph import Picture, between_picture
from roadbed.portal.formatting import shell_word
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit
from roadbed.stacks.domain import DriftSummary, StackView
from roadbed.stacks.graph import StackGraph

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class StacksPage:
    """`stacks` are those that match; `total` counts all: "none at all" and "none found" read differently."""

    stacks: tuple[StackView, ...]
    total: int
    environments: tuple[str, ...]
    environment: str
    text: str
    drifted: int
    picture: Picture | None = None


def stacks_page(
    found: Sequence[StackView],
    environments: Sequence[Environment],
    environment: str,
    text: str,
    graph: StackGraph | None = None,
) -> StacksPage:
    """Modules stand first: what everything else stands on."""
    wanted = text.casefold()
    matching = [one for one in found if wanted in f"{one.stack} {one.owner or ''}".casefold()]
    matching.sort(key=lambda one: (one.kind != "module", one.stack))
    return StacksPage(
        stacks=tuple(matching),
        total=len(found),
        environments=tuple(known.name for known in environments),
        environment=environment,
        text=text,
        picture=between_picture(graph) if graph is not None and graph.uses else None,
        drifted=sum(drift_state(one.drift) in ("changed", "gone") for one in found),
    )


def drift_state(drift: DriftSummary | None) -> str:
    """The worst of what the last look found, as a state that has a tone."""
    if drift is None:
        return "not-looked"
    if drift.stale:
        return "outdated"
    for state, count in (("gone", drift.gone), ("changed", drift.changed), ("unreadable", drift.unreadable)):
        if count:
            return state
    return "in-sync"


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/stacks", stacks, methods=["GET"])


async def stacks(visit: CurrentVisit, environment: Text = "", q: Text = "") -> Response:
    services, call = visit.services, visit.call
    found = await services.stacks.stacks(call, environment or None)
    graph = None if q else await services.stacks.graph(call, environment or None)
    page = stacks_page(found, await services.platform.environments(call), environment, q, graph)
    command = "roadbed stack list" + (f" -e {shell_word(environment)}" if environment else "")
    return visit.render("pages/stacks.html", page, Head("Stacks", "stacks", command, ("stack:*",)))
