"""Makes the values, each from the operating system's randomness. Pure otherwise."""

from __future__ import annotations

import base64
import secrets
import string
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from roadbed.kit.errors import InvalidInput
from roadbed.providers.random.words import ADJECTIVES, ADVERBS, ANIMALS

SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
"""What a password's special characters are taken from, unless told otherwise."""

_KINDS = {"upper": string.ascii_uppercase, "lower": string.ascii_lowercase, "numeric": string.digits}
_SHUFFLE = secrets.SystemRandom()


def identifier(given: Mapping[str, Any]) -> dict[str, Any]:
    raw = secrets.token_bytes(given.get("byte_length", 8))
    prefix = given.get("prefix") or ""
    return {
        "hex": prefix + raw.hex(),
        "dec": prefix + str(int.from_bytes(raw)),
        "b64_std": prefix + base64.b64encode(raw).decode(),
        "b64_url": prefix + base64.urlsafe_b64encode(raw).decode().rstrip("="),
    }


def password(given: Mapping[str, Any]) -> str:
    """At least `min_…` characters of each kind, the rest from all kinds that are allowed, in a random order."""
    kinds = {**_KINDS, "special": given.get("override_special") or SPECIAL}
    allowed = {kind: characters for kind, characters in kinds.items() if given.get(kind, True)}
    length = given.get("length", 32)
    chosen = [secrets.choice(kinds[kind]) for kind in kinds for _ in range(given.get(f"min_{kind}", 0))]
    if not allowed:
        raise InvalidInput("a password needs characters to be made of", hint="allow upper, lower, numeric or special")
    if unwanted := [kind for kind in kinds if kind not in allowed and given.get(f"min_{kind}", 0)]:
        one = unwanted[0]
        raise InvalidInput(
            f"a password can't hold {one} characters and none", hint=f"leave out min_{one}, or allow {one}"
        )
    if len(chosen) > length:
        raise InvalidInput(f"{len(chosen)} characters are required of a password of {length}", hint="make it longer")
    everything = "".join(allowed.values())
    chosen += [secrets.choice(everything) for _ in range(length - len(chosen))]
    _SHUFFLE.shuffle(chosen)
    return "".join(chosen)


def integer(given: Mapping[str, Any]) -> int:
    low, high = given["min"], given["max"]
    if low > high:
        raise InvalidInput(f"there is no whole number from {low} to {high}", hint="swap min and max")
    return int(low + secrets.randbelow(high - low + 1))


def pet(given: Mapping[str, Any]) -> str:
    """`brave-otter`; longer ones have adverbs in front: `mostly-quite-brave-otter`."""
    length = given.get("length", 2)
    words = [secrets.choice(ADVERBS) for _ in range(length - 2)]
    words += [secrets.choice(ADJECTIVES)] if length > 1 else []
    words.append(secrets.choice(ANIMALS))
    prefix = [given["prefix"]] if given.get("prefix") else []
    return str(given.get("separator", "-")).join(prefix + words)


def choice(given: Mapping[str, Any]) -> list[Any]:
    """`count` of the values, all different places of the list, in a random order."""
    values: Sequence[Any] = given["values"]
    count = given.get("count", 1)
    if count > len(values):
        raise InvalidInput(f"{count} can't be chosen from {len(values)} values", hint="ask for fewer")
    return _SHUFFLE.sample(values, count)


def unique() -> str:
    return str(uuid.uuid4())
