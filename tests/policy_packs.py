"""The packs that ship, for tests: their policies, without leaving them registered."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from roadbed.sdk import policies
from roadbed.sdk.policies import Policy

PACKS = ("security", "reliability", "cost", "ownership")


@cache
def shipped() -> tuple[Policy, ...]:
    """Every policy of the packs that ship, by pack and name."""
    before, policies._registered[:] = list(policies._registered), []
    try:
        for pack in PACKS:
            _load(pack)
        return tuple(sorted(policies.registered(), key=lambda one: (PACKS.index(one.pack), one.name)))
    finally:
        policies._registered[:] = before


def _load(pack: str) -> None:
    token = policies.loading.set(pack)
    try:
        package = importlib.import_module(f"roadbed.policies.{pack}")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    finally:
        policies.loading.reset(token)


def named(name: str) -> Policy:
    return next(one for one in shipped() if one.name == name)
