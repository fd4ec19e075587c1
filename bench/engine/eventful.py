"""A program whose every version creates, updates, replaces (in both orders) and deletes, and what it comes to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from bench.engine.world import Thing

Things: TypeAlias = Mapping[str, tuple[str, str]]
"""By name: value and place."""

_WIDTH = 50
_ROLES = 5

_PROGRAM = """\
from roadbed.sdk import Resource

VERSION, COUNT, WIDTH, ROLES = {version}, {count}, {width}, {roles}
made = {{}}
for i in range(COUNT):
    role = (i // 2 + VERSION) % ROLES
    if role == 2:
        continue  # not in this version
    value = f"v{{VERSION}}" if role == 0 else "stays"
    place = f"p{{VERSION}}" if role == 1 else "here"
    before = made.get(i - WIDTH)
    after = [before] if before is not None else []
    made[i] = Resource("bench:Twin" if i % 2 else "bench:Thing", f"r{{i}}", value=value, place=place, depends_on=after)
"""


def program(count: int, version: int) -> str:
    return _PROGRAM.format(version=version, count=count, width=_WIDTH, roles=_ROLES)


def expected(count: int, version: int) -> dict[str, tuple[str, str]]:
    """What there must be once a version is applied; worked out here, not asked of whom we judge."""
    roles = {number: (number // 2 + version) % _ROLES for number in range(count)}
    return {
        f"r{number}": (f"v{version}" if role == 0 else "stays", f"p{version}" if role == 1 else "here")
        for number, role in roles.items()
        if role != 2
    }


def differences(wanted: Things, found: Iterable[Thing]) -> Iterator[str]:
    """One sentence for each thing that is missing, doubled, left over or not as it should be."""
    seen: dict[str, int] = {}
    for thing in found:
        name = thing.id.rpartition("-")[0]
        seen[name] = seen.get(name, 0) + 1
        if name not in wanted:
            yield f"{thing.id} is left over"
        elif (thing.properties.get("value"), thing.properties.get("place")) != wanted[name]:
            yield f"{thing.id} is {thing.properties}, not {wanted[name]}"
    yield from (f"{name} is there {count} times" for name, count in seen.items() if count > 1)
    yield from (f"{name} is missing" for name in wanted.keys() - seen.keys())
