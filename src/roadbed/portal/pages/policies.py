"""Policies: what stands against them now, which there are, and the page of one: why, what to do, what configures it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from roadbed.policy.views import PackView, PolicyList, PolicyView
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit
from roadbed.stacks.policy_report import PolicyReport

Name = Annotated[str, Path(max_length=128)]


@dataclass(frozen=True, slots=True)
class PoliciesPage:
    """`on` are the policies of packs that are on, `off` the packs that are not."""

    found: PolicyList
    report: PolicyReport

    @property
    def on(self) -> Sequence[PolicyView]:
        return [one for one in self.found.policies if one.on]

    @property
    def off(self) -> Sequence[PackView]:
        return [one for one in self.found.packs if not one.on]


@dataclass(frozen=True, slots=True)
class PolicyPage:
    view: PolicyView

    @property
    def cases(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What it refuses and lets pass, each case in a line."""
        info = self.view.info
        both = (("It refuses", info.refuses), ("It lets pass", info.passes))
        return tuple((title, tuple(map(_case, cases))) for title, cases in both if cases)


def _case(case: Mapping[str, Any]) -> str:
    """`runtime:Service {"replicas": 1}, kind: production`."""
    what = " ".join(part for part in (case.get("type") or "", _json(case.get("properties"))) if part)
    rest = (f"{key}: {_json(value)}" for key, value in case.items() if key not in ("type", "properties"))
    return ", ".join(part for part in (what, *rest) if part)


def _json(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/policies", policies, methods=["GET"])
    routes.add_api_route("/policies/{name}", policy, methods=["GET"])


async def policies(visit: CurrentVisit) -> Response:
    found = await visit.services.policies.policies(visit.call)
    page = PoliciesPage(found, await visit.services.stacks.policy_report(visit.call))
    return visit.render(
        "pages/policies.html", page, Head("Policies", "policies", "roadbed policy report", ("stack:*",))
    )


async def policy(visit: CurrentVisit, name: Name) -> Response:
    page = PolicyPage(await visit.services.policies.policy(visit.call, name))
    return visit.render("pages/policy.html", page, Head(name, "policies", f"roadbed policy explain {name}"))
