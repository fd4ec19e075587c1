"""`--set k=v` → the params of a resource. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from roadbed.kit.errors import InvalidInput

if TYPE_CHECKING:
    from roadbed.client.models import BlockParam, BuildingBlock


_BEGINS_MORE = ("[", "{", '"', "'")
"""What begins a list, a mapping or a quoted text: such a one was meant, and is wrong."""


def read_params(words: Iterable[str], blocks: Sequence[BuildingBlock], type: str) -> dict[str, Any]:
    """Each value as YAML would read it, but for a param that is text alone: that is left as it was written. So is what
    YAML can't read (`@daily`), where a param may be text.

    A key with dots goes into mappings: `tags.team=payments`. Raises InvalidInput for what is no `k=v`.
    """
    taken = {param["name"]: param["types"] for param in _params(blocks, type)}
    params: dict[str, Any] = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not key or not separator:
            raise InvalidInput(f"{word!r} sets nothing", hint="write --set NAME=VALUE")
        _put(params, key.split("."), _value(key, value, taken.get(key, [])), word)
    return params


def unnamed_class(blocks: Sequence[BuildingBlock], type: str, resource_class: str, environment: str) -> str | None:
    """What is to be said of a class that is taken only because any is."""
    offers = [offer for block in blocks if block["type"] == type for offer in block["offers"]]
    named = {offer["class"] for offer in offers if environment in offer["environments"]}
    others = named - {"*"}
    if "*" not in named or any(fnmatchcase(resource_class, one) for one in {"default", *others}):
        return None
    from roadbed.workload.reader import misspelt

    if misspelt(resource_class, others):
        return None  # it is refused, with that name
    known = f"; those with a name are: {', '.join(sorted(others))}" if others else ""
    return f"No building block of {type} knows the class {resource_class!r}, and any is taken{known}."


def _params(blocks: Sequence[BuildingBlock], type: str) -> list[BlockParam]:
    offers = [offer for block in blocks if block["type"] == type for offer in block["offers"]]
    return [param for offer in offers for param in offer["params"] or ()]


def _value(key: str, text: str, types: Sequence[str]) -> Any:
    if list(types) == ["string"]:
        return text
    from roadbed.workload.document import plain
    from roadbed.workload.parsing import parse_document

    try:
        return plain(parse_document(text, f"--set {key}"))
    except InvalidInput as error:
        if "string" in types and not text.startswith(_BEGINS_MORE):
            return text
        raise InvalidInput(
            f"the value of --set {key} can't be read: {error.message}", hint="put it in quotes"
        ) from None


def _put(params: dict[str, Any], path: Sequence[str], value: Any, word: str) -> None:
    *above, last = path
    for part in above:
        below = params.setdefault(part, {})
        if not isinstance(below, dict):
            raise InvalidInput(f"{word!r} goes into a param that was set to something else")
        params = below
    if isinstance(params.get(last), Mapping) or last in params:
        raise InvalidInput(f"{'.'.join(path)} is set twice", hint="say it once")
    params[last] = value
