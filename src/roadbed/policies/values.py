"""Reads values as programs write them: numbers and flags as text, one thing where a list is meant, references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roadbed.sdk.policies import is_unknown

_INTRINSIC = ("Ref", "Fn::")


def unknown(value: Any) -> bool:
    """Whether nobody can say yet: a reference or a secret of the platform's, or a function of CloudFormation's."""
    if is_unknown(value):
        return True
    return isinstance(value, Mapping) and len(value) == 1 and str(next(iter(value))).startswith(_INTRINSIC)


def yes(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in ("true", "yes", "enabled"))


def no(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in ("false", "no", "disabled"))


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
    return (one for one in several(value) if isinstance(one, Mapping) and not unknown(one))


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path of maps, None where nothing does; what is not known on the way is the answer."""
    for part in path.split("."):
        if unknown(value):
            return value
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def word(value: Any) -> str:
    """A text in lower case, to compare with; empty for anything else."""
    return value.strip().lower() if isinstance(value, str) else ""
