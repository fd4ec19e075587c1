"""Versions of building blocks: their order, and what one may change of the one before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

Offered: TypeAlias = Mapping[str, Any]
"""What a provisioner says of itself, as the host of programs answers it."""
Level: TypeAlias = Literal["patch", "minor", "major"]


@dataclass(frozen=True, slots=True)
class BlockVersion:
    """A version that was published. `offers` are those of its program."""

    name: str
    version: str
    digest: str
    offers: Sequence[Offered] = field(repr=False)
    message: str
    published_at: datetime
    published_by: str


@dataclass(frozen=True, slots=True)
class BlockUse:
    """Which version is in use in an environment, since when, and who brought it there."""

    name: str
    environment: str
    version: str
    digest: str
    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a version does otherwise than the one before. `level` is what it asks of the version's number."""

    level: Level
    message: str


def ordered(version: str) -> tuple[int, ...]:
    """What versions are compared by."""
    return tuple(map(int, version.split(".")))


def step(before: str, after: str) -> Level | None:
    """Which number was raised; None where none was. Below 1.0.0 the second number stands for the first."""
    old, new = ordered(before), ordered(after)
    if new <= old:
        return None
    first = next(index for index in range(3) if new[index] != old[index])
    if new[0] == 0:
        return "major" if first == 1 else "minor"
    levels: tuple[Level, ...] = ("major", "minor", "patch")
    return levels[first]


_ORDER: tuple[Level, ...] = ("patch", "minor", "major")


def breaks(differences: Iterable[Difference]) -> bool:
    return any(one.level == "major" for one in differences)


def raised_enough(before: str, after: str, differences: Iterable[Difference]) -> bool:
    """Whether the number says that something breaks, where something does."""
    return not breaks(differences) or step(before, after) == "major"


def differences(before: Sequence[Offered], after: Sequence[Offered], environments: Sequence[str]) -> list[Difference]:
    """What whoever asks for the block, or uses what it gives, meets in any environment. What is worst comes first."""
    found = (one for environment in environments for one in _in_environment(before, after, environment))
    return sorted(dict.fromkeys(found), key=lambda one: -_ORDER.index(one.level))


def _in_environment(before: Sequence[Offered], after: Sequence[Offered], environment: str) -> Iterator[Difference]:
    old, new = _offered(before, environment), _offered(after, environment)
    for key, offer in old.items():
        if key in new:
            yield from _params(offer, new[key])
            yield from _outputs(offer, new[key])
        else:
            yield Difference("major", f"{_told(key)} is not offered in {environment} any more")
    for key in new:
        if key not in old:
            yield Difference("minor", f"{_told(key)} is offered in {environment}")


def _offered(offers: Sequence[Offered], environment: str) -> dict[tuple[str, str, str], Offered]:
    """By type, class and id; of several the one whose pattern of environments is the most specific."""
    fitting = [
        (_exactness(pattern), number)
        for number, offer in enumerate(offers)
        for pattern in offer["environments"]
        if fnmatchcase(environment, pattern)
    ]
    return {_key(offers[number]): offers[number] for _, number in sorted(fitting)}


def _exactness(pattern: str) -> int:
    return 0 if pattern == "*" else 1 if any(character in pattern for character in "*?[") else 2


def _key(offer: Offered) -> tuple[str, str, str]:
    return offer["type"], offer["class"], offer["id"]


def _told(key: tuple[str, str, str]) -> str:
    type_, class_, id_ = key
    told = type_ if class_ == "*" else f"{type_} of class {class_}"
    return told if id_ == "*" else f"{told} with the id {id_}"


def _outputs(old: Offered, new: Offered) -> Iterator[Difference]:
    for name in old["outputs"]:
        if name not in new["outputs"]:
            yield Difference("major", f"the output {name!r} is gone")
    for name in new["outputs"]:
        if name not in old["outputs"]:
            yield Difference("minor", f"the output {name!r} is new")


def _params(old: Offered, new: Offered) -> Iterator[Difference]:
    before, after = old["params"], new["params"]
    if before is None or after is None:
        if before is None and after is not None:
            yield Difference("major", "it took any param, and takes those that it names")
        return
    for name, param in before.items():
        if name in after:
            yield from _param(name, param, after[name])
        else:
            yield Difference("major", f"the param {name!r} is gone")
    for name, param in after.items():
        if name not in before:
            needed = " and must be given" if param["required"] else ""
            yield Difference("major" if needed else "minor", f"the param {name!r} is new{needed}")


def _param(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    lost = [
        one for one in old["types"] if one not in new["types"] and not (one == "integer" and "number" in new["types"])
    ]
    if lost:
        yield Difference("major", f"the param {name!r} may not be {_words(lost)} any more")
    elif old["types"] != new["types"]:
        yield Difference("minor", f"the param {name!r} may be {_words(new['types'])}")
    if new["required"] and not old["required"]:
        yield Difference("major", f"the param {name!r} must be given")
    elif old["required"] and not new["required"]:
        yield Difference("minor", f"the param {name!r} may be left out")
    yield from _choices(name, old["choices"], new["choices"])
    if old["default"] != new["default"]:
        yield Difference("minor", f"the param {name!r} is {_said(new['default'])} where it was {_said(old['default'])}")


def _choices(name: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
    """None at all: it may be anything of its type."""
    if not new:
        if old:
            yield Difference("minor", f"the param {name!r} may be anything")
        return
    lost = [one for one in old if one not in new]
    if not old:
        yield Difference("major", f"the param {name!r} may be nothing but {', '.join(map(str, new))}")
    elif lost:
        yield Difference("major", f"the param {name!r} may not be {', '.join(map(str, lost))} any more")
    elif more := [one for one in new if one not in old]:
        yield Difference("minor", f"the param {name!r} may be {', '.join(map(str, more))}")


def _said(default: Any) -> str:
    return "nothing" if default is None else repr(default)


_WORDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "a mapping",
}


def _words(types: Sequence[str]) -> str:
    return " or ".join(_WORDS.get(one, one) for one in types)
