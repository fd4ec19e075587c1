"""By which part of a stack resources are shown: as deep as leaves few enough parts for a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from roadbed.portal.formatting import path_of

MOST_GROUPS = 40


def titles(urns: Iterable[str], stack: str) -> Callable[[str], str]:
    """From a URN to the title of its group: a component's path, or the stack's name for what belongs to all of it."""
    known = tuple(urns)
    for depth in (None, 2, 1):
        if len({component(urn, stack, depth) for urn in known}) <= MOST_GROUPS:
            return lambda urn: component(urn, stack, depth)
    return lambda _: stack


def component(urn: str, stack: str, depth: int | None = None) -> str:
    """`orders@dev/web/db#postgres:Database` → `web`: all but the stack and the resource's own name."""
    return "/".join(path_of(urn).split("/")[:-1][:depth]) or stack
