"""What the provisioners of the platform repo offer: what people choose from when they ask for a resource."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from roadbed.sdk import params, provisioners
from roadbed.sdk.contracts import CONTRACTS
from roadbed.sdk.hosted.places import Places
from roadbed.sdk.hosted.programs import load

_TOLD = ("title", "owner", "docs", "version", "maturity")
"""What a provisioner may say of itself."""


def offers(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Each provisioner as it is declared; `params` null where it doesn't say which it takes."""
    load(places.folder)
    return {"offers": [_offer(one, places) for one in provisioners.registered()]}


def _offer(one: provisioners.Provisioner, places: Places) -> dict[str, Any]:
    code, contract = one.function.__code__, CONTRACTS.get(one.type)
    helps = contract.params if contract else {}
    return {
        "type": one.type,
        "environments": one.environments,
        "class": one.resource_class,
        "id": one.id,
        "params": None if one.params is None else params.described(one.params, helps),
        "outputs": sorted(contract.outputs) if contract else [],
        "description": contract.description if contract else "",
        "notes": inspect.cleandoc(one.function.__doc__ or ""),
        "file": places.relative(code.co_filename) or code.co_filename,
        "line": code.co_firstlineno,
        **{name: getattr(one, name, None) for name in _TOLD},
    }
