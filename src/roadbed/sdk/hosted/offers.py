"""What the provisioners of the platform repo offer: what people choose from when they ask for a resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from roadbed.sdk import params, provisioners
from roadbed.sdk.hosted.places import Places
from roadbed.sdk.hosted.programs import load
from roadbed.sdk.hosted.provision import contract_of

_TOLD = ("title", "owner", "docs", "version", "maturity", "successor")
"""What a provisioner may say of itself."""


def offers(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Each provisioner as it is declared; `params` null where it doesn't say which it takes."""
    load(places.folder, request.get("blocks", ()))
    return {"offers": [_offer(one, places) for one in provisioners.registered()]}


def _offer(one: provisioners.Provisioner, places: Places) -> dict[str, Any]:
    contract = contract_of(one)
    return {
        "type": one.type,
        "environments": [*one.places],
        "class": one.resource_class,
        "id": one.id,
        "params": None if one.params is None else params.described(one.params, contract.params if contract else {}),
        "outputs": sorted(contract.outputs) if contract else [],
        "description": contract.description if contract else "",
        "notes": one.notes,
        "file": places.relative(one.file) or one.file,
        "line": one.line,
        "block": one.block,
        "examples": {name: asdict(example) for name, example in one.about.examples.items()},
        **{name: getattr(one.about, name) for name in _TOLD},
    }
