"""What a provider answered, held against what its type declares. Pure.

A provider that lies is an error of its author's, told with its name, the type and what is wrong; never the values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from roadbed.engine.bodies import row_json
from roadbed.engine.domain import Recorded
from roadbed.engine.errors import BadAnswer
from roadbed.kit.errors import TooLarge
from roadbed.kit.text import storable_value
from roadbed.providers.driver import Actual, ResourceType
from roadbed.secrets.masking import MIN_LENGTH, encodings

MAX_OUTPUT = 1_000_000
"""Bytes of JSON."""
MAX_OUTPUTS = 1_000
_NUL = b"\\u0000"
"""As JSON holds it; after a backslash it is something else."""
MAX_ROW = 4_000_000
"""Bytes of JSON of one resource in the state: what it was given, and all its outputs as they are stored."""


def known_id(answer: Any, told: Sequence[str] = ()) -> str:
    """The identity that an answer tells, however wrong it is otherwise; empty if it tells none, or a secret."""
    found: Any = answer.id if isinstance(answer, Actual) else None
    fit = isinstance(found, str) and "\0" not in found and _is_unicode(found)
    return found if fit and not any(form in found for form in _forms(told)) else ""


def check(
    answer: Any,
    type: ResourceType,
    told: Sequence[str] = (),
    plain: object = None,
    prior: Recorded | None = None,
    changed: frozenset[str] = frozenset(),
    untold: frozenset[str] = frozenset(),
) -> None:
    """Raises BadAnswer. `told` are the secrets that the provider was given, `plain` all else that it was.

    `prior` is what an update changed, in the properties `changed`. `untold` are secret outputs that may be missing.
    """
    _refuse(type, list(_lies(answer, type, prior, changed, untold)) or list(_echoes(answer, told, plain)))


def readable(answer: Actual | None) -> Actual | None:
    """What the world shows, with � for what can't be stored: a file may hold any byte."""
    if not isinstance(answer, Actual):
        return answer
    try:
        if _NUL not in msgspec.json.encode((answer.outputs, answer.properties)):
            return answer
    except UnicodeEncodeError:
        pass
    except (TypeError, ValueError, RecursionError):
        return answer  # which `check_read` refuses
    shown = None if answer.properties is None else storable_value(answer.properties)
    return replace(answer, outputs=storable_value(answer.outputs), properties=shown)


def check_read(answer: Any, type: ResourceType, told: Sequence[str] = (), plain: object = None) -> None:
    """Raises BadAnswer for what can't be held against the state. What is missing, or not declared, is passed over."""
    _refuse(type, list(_unreadable(answer)) or list(_echoes(answer, told, plain)))


def _refuse(type: ResourceType, lies: Sequence[str]) -> None:
    if lies:
        provider = type.name.partition(":")[0]
        raise BadAnswer(
            f"the provider {provider!r} broke the contract of {type.name}: {'; '.join(lies)}",
            hint="this is an error in the provider: tell its author",
        )


def check_row(row: Recorded) -> None:
    """Raises TooLarge."""
    if len(row_json(row)) > MAX_ROW:
        raise TooLarge(
            f"{row.urn} is over {MAX_ROW:,} bytes with all that it was given and its outputs",
            hint="let it keep what is that large in a file or a bucket, and say where",
        )


def _lies(
    answer: Any, type: ResourceType, prior: Recorded | None, changed: frozenset[str], untold: frozenset[str]
) -> Iterator[str]:
    if not isinstance(answer, Actual):
        yield f"it answered with {answer.__class__.__name__}, not with an Actual"
        return
    parts: Mapping[str, Any] = {name: getattr(answer, name) for name in ("id", "outputs", "secrets")}
    if not isinstance(parts["id"], str):
        yield f"its id is {parts['id'].__class__.__name__}, not text"
    elif not parts["id"]:
        yield "its id is empty"
    elif not known_id(answer):
        yield "its id is text that can't be stored"
    if not isinstance(parts["outputs"], Mapping) or not isinstance(parts["secrets"], Mapping):
        yield "its outputs and secrets are not maps"
        return
    yield from _misnamed(answer, type, untold)
    for name, value in parts["secrets"].items():
        if not isinstance(value, str):
            yield f"the secret output {name!r} is {value.__class__.__name__}, not text"
        elif len(value) > MAX_OUTPUT or not _is_unicode(value):
            yield f"the secret output {name!r} is over {MAX_OUTPUT:,} bytes, or no text"
    for name, value in answer.outputs.items():
        yield from _unfit(name, value)
    if len(answer.outputs) + len(answer.secrets) > MAX_OUTPUTS:
        yield f"it has more than {MAX_OUTPUTS} outputs"
    if prior is not None:
        yield from _moved(answer, type, prior, changed)


def _unreadable(answer: Any) -> Iterator[str]:
    if not known_id(answer):
        yield "it answered with no identity"
        return
    shown = {} if answer.properties is None else answer.properties
    if not isinstance(answer.outputs, Mapping) or not isinstance(shown, Mapping):
        yield "its outputs or properties are not maps"
        return
    try:
        size = len(msgspec.json.encode((answer.outputs, shown)))
    except (TypeError, ValueError, RecursionError):
        yield "what it shows is nothing that JSON can hold"
        return
    if size > MAX_ROW:
        yield f"what it shows is over {MAX_ROW:,} bytes"


def _echoes(answer: Actual, told: Sequence[str], plain: object) -> Iterator[str]:
    """Where what was told in secret would be readable. What stands in plain beside it is no secret."""
    forms = _forms(told)
    if not forms:
        return
    forms -= _found(plain, forms)
    if _found(answer.id, forms):
        yield "its id holds a secret that it was given"
    for name, value in answer.outputs.items():
        if _found(value, forms):
            yield f"the output {name!r} is plain and holds a secret that it was given"


def _forms(told: Sequence[str]) -> set[str]:
    return {form for secret in told if len(secret) >= MIN_LENGTH for form in encodings(secret)}


def _found(value: object, forms: set[str]) -> set[str]:
    return {form for text in _texts(value) for form in forms if form in text}


def _texts(value: object) -> Iterator[str]:
    match value:
        case Mapping():
            for key, item in value.items():
                yield from (str(key), *_texts(item))
        case list() | tuple():
            for item in value:
                yield from _texts(item)
        case None | bool():
            return
        case _:
            yield str(value)


def _misnamed(answer: Actual, type: ResourceType, untold: frozenset[str]) -> Iterator[str]:
    if answer.outputs.keys() == type.outputs.keys() and answer.secrets.keys() == type.secret_outputs.keys():
        return  # as nearly every answer is
    for name in sorted(answer.outputs.keys() & type.secret_outputs.keys()):
        yield f"the secret output {name!r} stands among the plain ones"
    for name in sorted(answer.outputs.keys() - type.outputs.keys() - type.secret_outputs.keys(), key=str):
        yield f"the output {name!r} is not declared"
    for name in sorted(answer.secrets.keys() - type.secret_outputs.keys(), key=str):
        yield f"the secret output {name!r} is not declared"
    missing = (type.outputs.keys() - answer.outputs.keys()) | (
        type.secret_outputs.keys() - answer.secrets.keys() - answer.outputs.keys() - untold
    )
    for name in sorted(missing):
        yield f"the output {name!r} is missing"


def _unfit(name: str, value: Any) -> Iterator[str]:
    try:
        encoded = msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError):
        yield f"the output {name!r} is nothing that JSON can hold"
        return
    if len(encoded) > MAX_OUTPUT:
        yield f"the output {name!r} is over {MAX_OUTPUT:,} bytes"
    elif _NUL in encoded and storable_value(value) != value:
        yield f"the output {name!r} holds a NUL, which can't be stored"


def _moved(answer: Actual, type: ResourceType, prior: Recorded, changed: frozenset[str]) -> Iterator[str]:
    """Outputs that an update changed though nothing says that they would: what depends on them was planned before."""
    for name in sorted(answer.outputs.keys() & prior.outputs.keys()):
        if answer.outputs[name] != prior.outputs[name] and not changed.intersection(type.follows.get(name, ())):
            yield f"the output {name!r} changed by an update, though it follows none of the properties that did"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
