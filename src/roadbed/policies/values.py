"""Reads values as programs write them: names in any spelling, numbers and flags as text, one thing where a list is
meant, references.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from roadbed.sdk.policies import is_unknown

_INTRINSIC = ("Ref", "Fn::")
_NO_MAPS = (str, int, float, list, type(None))
"""What is told from a map quickly: most values are one of these."""
_YES = ("true", "yes", "enabled", "on")
_NO = ("false", "no", "disabled", "off")


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without its spelling: `StorageEncrypted`, `storageEncrypted` and `storage_encrypted` are one."""
    return name.replace("_", "").replace("-", "").lower()


class Spelled(Mapping[str, Any]):
    """A map whose values are found by their names in any spelling; the spelling that is asked for goes first."""

    __slots__ = ("_folded", "_given")

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._folded: dict[str, str] | None = None

    def __getitem__(self, name: str) -> Any:
        return self._given[self._spelling(name)]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._spelling(name) in self._given

    def get(self, name: str, default: Any = None) -> Any:
        return self._given.get(self._spelling(name), default)

    def plain(self) -> Mapping[str, Any]:
        return self._given

    def _spelling(self, name: str) -> str:
        """How a name is spelled here; as it is asked for, if it isn't."""
        if name in self._given:
            return name
        if self._folded is None:
            self._folded = {folded(str(each)): each for each in self._given}
        return self._folded.get(folded(name), name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def spelled(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return value if isinstance(value, Spelled) else Spelled(value)


def unknown(value: Any) -> bool:
    """Whether nobody can say yet: a reference or a secret of the platform's, or a function of CloudFormation's."""
    if isinstance(value, _NO_MAPS) or not isinstance(value, Mapping):
        return False
    if isinstance(value, Spelled):
        value = value.plain()
    if is_unknown(value):
        return True
    return len(value) == 1 and str(next(iter(value))).startswith(_INTRINSIC)


def written(value: Any) -> str:
    """The text that stands there as far as it is known: `${}` is what is not, and empty what is no text at all."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        return ""
    match next(iter(value.items())):
        case ("$join", list(parts)):
            return "".join(part if isinstance(part, str) else "${}" for part in parts)
        case ("Fn::Join", [str(between), list(parts)]):
            return between.join(part if isinstance(part, str) else "${}" for part in parts)
        case ("Fn::Base64", inner) | ("Fn::Sub", [str(inner), *_]) | ("Fn::Sub", str(inner)):
            return written(inner)
    return ""


def yes(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in _YES)


def no(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in _NO)


def lacks(value: Any) -> bool:
    """Whether a protection that is off unless it is said is off."""
    return not yes(value) and not unknown(value)


def number(value: Any, default: float | None = None) -> float | None:
    """`2`, `2.0` or `"2"`; the default for None, and None for what is no number."""
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def several(value: Any) -> Sequence[Any]:
    """A list as it is; one thing as a list of it; nothing, or what is not known yet, as none."""
    if isinstance(value, list | tuple):
        return value
    return () if value is None or unknown(value) else (value,)


def maps(value: Any) -> Iterator[Mapping[str, Any]]:
    """The maps of a list, or the one that stands where a list could, without those that are not known yet."""
    return (spelled(one) for one in several(value) if isinstance(one, Mapping) and not unknown(one))


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path of maps, None where nothing does; what is not known on the way is the answer."""
    for part in path.split("."):
        if unknown(value):
            return value
        if not isinstance(value, Mapping):
            return None
        value = spelled(value).get(part)
    return value


def word(value: Any) -> str:
    """A text in lower case, to compare with; empty for anything else."""
    return value.strip().lower() if isinstance(value, str) else ""
