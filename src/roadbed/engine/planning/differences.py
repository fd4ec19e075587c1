"""What is different between a resource as recorded and as wanted, by property; and dotted paths into them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from roadbed.engine.domain import Change

ABSENT: Final = object()
EVERYTHING: Final = "*"


def changes(before: Mapping[str, Any], after: Mapping[str, Any], replacing: Iterable[str] = ()) -> tuple[Change, ...]:
    """The smallest parts that differ: maps are compared key by key, lists as a whole.

    `replacing` are the paths whose change makes a new resource; `*` is every one.
    """
    if before == after:
        return ()
    forced = tuple(replacing)
    return tuple(
        _change(path, old, new, replaces=any(touches(path, one) for one in forced))
        for name in sorted({*before, *after})
        for path, old, new in _differences(name, before.get(name, ABSENT), after.get(name, ABSENT))
    )


def touches(path: str, pattern: str) -> bool:
    """Whether a change of `path` is one of `pattern`: of itself, of something in it, or of something around it."""
    return pattern in (EVERYTHING, path) or path.startswith(f"{pattern}.") or pattern.startswith(f"{path}.")


def is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and "$secret" in value


def holds_secret(value: Any) -> bool:
    """Whether it is one, or has one somewhere in it."""
    if isinstance(value, list):
        return any(map(holds_secret, value))
    return isinstance(value, Mapping) and (is_secret(value) or any(map(holds_secret, value.values())))


def is_unknown(value: Any) -> bool:
    return isinstance(value, Mapping) and "$unknown" in value


def masked(value: Any) -> Any:
    """The value with `{"$secret": true}` for every secret, and `{"$unknown": true}` for everything unknown."""
    match value:
        case {"$secret": _}:
            return {"$secret": True}
        case {"$unknown": _}:
            return {"$unknown": True}
        case Mapping():
            return {key: masked(item) for key, item in value.items()}
        case list() | tuple():
            return [masked(item) for item in value]
        case _:
            return value


def get(value: Any, path: str) -> Any:
    """What stands at a dotted path, or ABSENT."""
    for part in path.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return ABSENT
    return value


def put(target: dict[str, Any], path: str, value: Any) -> None:
    """Puts a value at a dotted path, or takes away what is there if it is ABSENT. A way that isn't there is made."""
    *way, last = path.split(".")
    inner: Any = target
    for part in way:
        found = get(inner, part)
        if not isinstance(found, dict | list):
            if value is ABSENT or not isinstance(inner, dict):
                return
            inner[part] = found = {}
        inner = found
    if isinstance(inner, list):
        if last.isdigit() and int(last) < len(inner) and value is not ABSENT:
            inner[int(last)] = value
    elif value is ABSENT:
        inner.pop(last, None)
    else:
        inner[last] = value


def _differences(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if old == new:
        return
    old_map, new_map = _plain_map(old), _plain_map(new)
    if old_map is None or new_map is None or not (old_map or new_map):
        yield path, old, new
        return
    for key in sorted({*old_map, *new_map}):
        yield from _differences(f"{path}.{key}", old_map.get(key, ABSENT), new_map.get(key, ABSENT))


def _plain_map(value: Any) -> Mapping[str, Any] | None:
    """The value if it is a map of the user's own, an absent one read as empty."""
    if value is ABSENT:
        return {}
    if not isinstance(value, Mapping) or is_secret(value) or is_unknown(value):
        return None
    return value


def _change(path: str, old: Any, new: Any, *, replaces: bool) -> Change:
    return Change(
        path=path,
        before=None if old is ABSENT else masked(old),
        after=None if new is ABSENT else masked(new),
        secret=holds_secret(old) or holds_secret(new),
        unknown=is_unknown(new),
        replaces=replaces,
    )
