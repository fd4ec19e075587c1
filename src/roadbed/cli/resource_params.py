"""`--set k=v` → the params of a resource. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roadbed.kit.errors import InvalidInput

if TYPE_CHECKING:
    from roadbed.client.models import BlockParam, BuildingBlock


def read_params(words: Iterable[str], blocks: Sequence[BuildingBlock], type: str) -> dict[str, Any]:
    """Each value as YAML would read it, but for a param that is text alone: that is left as it was written.

    A key with dots goes into mappings: `tags.team=payments`. Raises InvalidInput for what is no `k=v`.
    """
    texts = {param["name"] for param in _params(blocks, type) if param["types"] == ["string"]}
    params: dict[str, Any] = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not key or not separator:
            raise InvalidInput(f"{word!r} sets nothing", hint="write --set NAME=VALUE")
        _put(params, key.split("."), value if key in texts else _value(key, value), word)
    return params


def _params(blocks: Sequence[BuildingBlock], type: str) -> list[BlockParam]:
    offers = [offer for block in blocks if block["type"] == type for offer in block["offers"]]
    return [param for offer in offers for param in offer["params"] or ()]


def _value(key: str, text: str) -> Any:
    from roadbed.workload.document import plain
    from roadbed.workload.parsing import parse_document

    try:
        return plain(parse_document(text, f"--set {key}"))
    except InvalidInput as error:
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
