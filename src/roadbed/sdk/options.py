"""How a resource is treated: the options that every declaration takes, checked and as the graph document says them.

A typed class passes them on, and editors complete them:

    class Database(Resource):
        TYPE = "postgres:Database"

        def __init__(self, name: str, /, *, collation: str | None = None, **options: Unpack[Options]) -> None:
            super().__init__(self.TYPE, name, {"collation": collation}, **options)
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.program import Declared

Duration: TypeAlias = "float | str"
"""Seconds, or text: `90s`, `5m`, `2h`."""


@dataclass(frozen=True, slots=True)
class Alias:
    """What a resource was called earlier. What isn't given is as it is now.

    `parent` is the path it stood below: a component, `"network"`, `"network/private"`, or `""` for the stack itself.
    """

    name: str | None = None
    type: str | None = None
    parent: Declared | str | None = None


class Timeouts(TypedDict, total=False):
    """How long a create, read, update or delete may take, with what is tried again. Without one: 30 minutes."""

    create: Duration
    read: Duration
    update: Duration
    delete: Duration


class ComponentOptions(TypedDict, total=False):
    """What a component passes on to all that it holds.

    - `depends_on`: must be there first, though no property refers to it.
    - `protect`: a plan that would delete or replace it is refused.
    - `retain_on_delete`: when it is no longer declared, it is left where it is and forgotten.
    - `provider`: the resource whose outputs configure the provider, such as a `postgres.Server`, for those of its own
      provider's types.
    - `aliases`: what it was called earlier: a name, a URN, or an `Alias`. What it holds moves with it.
    """

    depends_on: Sequence[Declared]
    protect: bool
    retain_on_delete: bool
    provider: Declared
    aliases: Sequence[Alias | str]


class Options(ComponentOptions, total=False):
    """What every resource takes beside its properties.

    - `ignore_changes`: properties (dotted paths, `*` for all) whose change is no reason to do anything.
    - `replace_on_changes`: properties whose change makes a new resource.
    - `delete_before_replace`: a replacement takes the old one away first, also where both could stand side by side.
    - `import_`: the id of what there is already: it is taken over instead of made. Once the resource is in the state
      another id is refused.
    - `timeouts`: how long a create, read, update or delete may take, with what is tried again.
    """

    ignore_changes: Sequence[str]
    replace_on_changes: Sequence[str]
    delete_before_replace: bool
    import_: str
    timeouts: Timeouts


_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_S = 7 * 24 * 3600


def seconds(given: Duration, what: str) -> float:
    """Raises ProgramError for what is no duration above zero, or longer than a week."""
    if isinstance(given, str) and (match := _DURATION.fullmatch(given)):
        found = float(match[1]) * _UNITS[match[2]]
    elif isinstance(given, int | float) and not isinstance(given, bool):
        found = float(given)
    else:
        raise ProgramError(f"{what} can't be {given!r}", 'write seconds (300) or text with a unit ("5m")')
    if not math.isfinite(found) or not 0 < found <= _LONGEST_S:
        raise ProgramError(f"{what} must be above zero and a week at most, not {given!r}")
    return int(found) if found.is_integer() else found


def timeouts(given: Mapping[str, Duration]) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise ProgramError(f"timeouts must be a map, not {_kind(given)}", 'write timeouts={"create": "10m"}')
    for unknown in given.keys() - Timeouts.__optional_keys__:
        raise ProgramError(f"timeouts has no {unknown!r}", "there are: create, read, update, delete")
    return {key: seconds(value, f"the time-out of {key}") for key, value in given.items()}


def flag(given: Any, what: str) -> bool:
    if not isinstance(given, bool):
        raise ProgramError(f"{what} must be True or False, not {_kind(given)}")
    return given


def paths(given: object, what: str) -> list[str]:
    """Dotted paths of properties."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ProgramError(f"{what} must be a list, not {_kind(given)}", f'write {what}=["size", "tags.team"]')
    found = list(given)
    for path in found:
        if not isinstance(path, str) or not path or not path.isprintable():
            raise ProgramError(f"{what} takes names of properties, not {path!r}", f'write {what}=["size"]')
    return found


def _kind(given: object) -> str:
    return f"{given!r}" if isinstance(given, str | int | float | None) else f"a {type(given).__name__}"
