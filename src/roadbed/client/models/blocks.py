"""Building blocks: what is offered."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from roadbed.client.models.costs import BlockCost


class BlockParam(TypedDict):
    name: str
    types: list[str]
    default: Any
    help: str
    choices: list[Any]
    required: bool


BlockOffer = TypedDict(
    "BlockOffer",
    {
        "environments": list[str],
        "class": str,
        "params": list[BlockParam] | None,
        "place": str,
        "title": str,
        "description": str,
        "owner": str | None,
        "docs": str | None,
        "version": str | None,
        "maturity": str | None,
        "successor": str | None,
    },
)
"""One provisioner of a type. `params` None: it takes any."""


class BuildingBlock(TypedDict):
    type: str
    title: str
    description: str
    outputs: list[str]
    environments: list[str]
    offers: list[BlockOffer]
    costs: NotRequired[list[BlockCost]]
