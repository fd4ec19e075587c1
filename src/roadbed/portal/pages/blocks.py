"""Building blocks: what the platform team offers, which version each environment uses, and who asks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from roadbed.blocks.domain import BlockView
from roadbed.platform.blocks import Block, Offer
from roadbed.platform.domain import Environment
from roadbed.platform.versions import BlockVersion
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit

Name = Annotated[str, Path(max_length=63)]

TONES: Mapping[str, str] = {"experimental": "warn", "beta": "busy", "stable": "ok", "deprecated": "bad"}


@dataclass(frozen=True, slots=True)
class BlockRow:
    """`version_in` says by environment which version is used; None where none is."""

    view: BlockView
    version_in: Mapping[str, str | None]

    @property
    def tone(self) -> str:
        return TONES.get(self.view.about["maturity"], "idle")

    @property
    def sentence(self) -> str:
        return " ".join(str(self.view.about["notes"]).split("\n\n", 1)[0].split())


@dataclass(frozen=True, slots=True)
class BlocksPage:
    """`plain` are types that provisioners offer which are no building blocks: they change with the platform repo."""

    blocks: Sequence[BlockRow]
    plain: Sequence[Block]
    environments: Sequence[str]


@dataclass(frozen=True, slots=True)
class VersionRow:
    version: BlockVersion
    environments: Sequence[str]


@dataclass(frozen=True, slots=True)
class BlockPage:
    """`usage` is what to write into `roadbed.yaml`."""

    row: BlockRow
    versions: Sequence[VersionRow]
    usage: str

    @property
    def params(self) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Of the newest version, in all of its offers, each once."""
        found = {name: one for offer in self.row.view.offers for name, one in (offer["params"] or {}).items()}
        return list(found.items())

    @property
    def outputs(self) -> Sequence[str]:
        return sorted({name for offer in self.row.view.offers for name in offer["outputs"]})


def blocks_page(
    views: Sequence[BlockView], offered: Sequence[Block], environments: Sequence[Environment]
) -> BlocksPage:
    names = [one.name for one in environments]
    plain = [one for one in offered if any(_is_plain(offer) for offer in one.offers)]
    return BlocksPage([block_row(view, names) for view in views], plain, names)


def _is_plain(offer: Offer) -> bool:
    return offer.version is None


def block_row(view: BlockView, environments: Sequence[str]) -> BlockRow:
    uses = {use.environment: use.version for use in view.uses}
    return BlockRow(view, {name: uses.get(name) for name in environments})


def block_page(view: BlockView, environments: Sequence[Environment]) -> BlockPage:
    used: dict[str, list[str]] = {}
    for use in view.uses:
        used.setdefault(use.version, []).append(use.environment)
    versions = [VersionRow(one, used.get(one.version, [])) for one in reversed(view.versions)]
    return BlockPage(block_row(view, [one.name for one in environments]), versions, _usage(view))


def _usage(view: BlockView) -> str:
    declared = (view.about["params"] or {}).items()
    shown = [(name, one["default"]) for name, one in declared if one["required"] or one["default"] is not None]
    params = {name: "…" if default is None else default for name, default in shown}
    said = f", params: {json.dumps(params, ensure_ascii=False)}" if params else ""
    return f"resources:\n  {view.name}: {{type: {view.name}{said}}}"


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/building-blocks", blocks, methods=["GET"])
    routes.add_api_route("/building-blocks/{name}", block, methods=["GET"])


async def blocks(visit: CurrentVisit) -> Response:
    services, call = visit.services, visit.call
    page = blocks_page(
        await services.blocks.catalog(call),
        await services.resources.blocks(call),
        await services.platform.environments(call),
    )
    return visit.render(
        "pages/blocks.html", page, Head("Building blocks", "building-blocks", "roadbed platform versions")
    )


async def block(visit: CurrentVisit, name: Name) -> Response:
    services, call = visit.services, visit.call
    page = block_page(await services.blocks.block(call, name), await services.platform.environments(call))
    head = Head(page.row.view.title, "building-blocks", f"roadbed platform versions {name}")
    return visit.render("pages/block.html", page, head)
