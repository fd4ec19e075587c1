"""Random values. They live in the state alone; every property makes a new one, `keepers` is there for nothing else.

After a crash between making and recording a value another one is made: nobody can have seen the first. That is better
than deriving it from the token and the platform's key, which would let whoever holds the key compute every password.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.providers.kept import Kept, identity, refuse_secrets
from roadbed.providers.random import generate

ID, PASSWORD, INTEGER, PET = "random:Id", "random:Password", "random:Integer", "random:Pet"
CHOICE, UUID = "random:Choice", "random:Uuid"

_COUNT: Mapping[str, Any] = {"type": "integer", "minimum": 0, "maximum": 1024}
_FLAG: Mapping[str, Any] = {"type": "boolean"}
_TEXT: Mapping[str, Any] = {"type": "string", "maxLength": 256}


def _new(schema: Mapping[str, Any], description: str, *, required: bool = False) -> Property:
    return Property(schema, required=required, replace=True, description=description)


_SHOWN = "what is chosen is a plain output"
_KEEPERS = _new({}, "Anything; a change of it makes a new value.")


def _type(name: str, description: str, properties: Mapping[str, Property], **outputs: Any) -> ResourceType:
    return ResourceType(name, description, {**properties, "keepers": _KEEPERS}, replacement="create_first", **outputs)


class RandomProvider(Kept):
    name: ClassVar[str] = "random"
    parallel: ClassVar[int] = 1000
    types: ClassVar[Mapping[str, ResourceType]] = {
        ID: _type(
            ID,
            "Random bytes to tell things apart by. Not a secret.",
            {
                "byte_length": _new(
                    {"type": "integer", "minimum": 1, "maximum": 1024, "default": 8}, "How many bytes; 8."
                ),
                "prefix": _new(_TEXT, "Text that each spelling begins with."),
            },
            outputs={
                "hex": "The bytes in hexadecimal.",
                "dec": "The bytes as a decimal number.",
                "b64_std": "The bytes in base64.",
                "b64_url": "The bytes in base64 for URLs, without padding.",
            },
        ),
        PASSWORD: _type(
            PASSWORD,
            "A random password.",
            {
                "length": _new(
                    {"type": "integer", "minimum": 1, "maximum": 1024, "default": 32}, "How many characters; 32."
                ),
                "upper": _new({**_FLAG, "default": True}, "Whether it may hold capital letters; true."),
                "lower": _new({**_FLAG, "default": True}, "Whether it may hold small letters; true."),
                "numeric": _new({**_FLAG, "default": True}, "Whether it may hold digits; true."),
                "special": _new({**_FLAG, "default": True}, "Whether it may hold special characters; true."),
                "override_special": _new(_TEXT, f"The special characters to choose from; {generate.SPECIAL}"),
                "min_upper": _new({**_COUNT, "default": 0}, "How many capital letters at least; 0."),
                "min_lower": _new({**_COUNT, "default": 0}, "How many small letters at least; 0."),
                "min_numeric": _new({**_COUNT, "default": 0}, "How many digits at least; 0."),
                "min_special": _new({**_COUNT, "default": 0}, "How many special characters at least; 0."),
            },
            secret_outputs={"result": "The password."},
        ),
        INTEGER: _type(
            INTEGER,
            "A random whole number.",
            {
                "min": _new({"type": "integer"}, "The smallest it may be.", required=True),
                "max": _new({"type": "integer"}, "The largest it may be.", required=True),
            },
            outputs={"result": "The number."},
        ),
        PET: _type(
            PET,
            "A name that people can remember.",
            {
                "length": _new({"type": "integer", "minimum": 1, "maximum": 16, "default": 2}, "How many words; 2."),
                "separator": _new({**_TEXT, "default": "-"}, "What stands between the words; a hyphen."),
                "prefix": _new(_TEXT, "A word in front."),
            },
            outputs={"result": "The name."},
        ),
        CHOICE: _type(
            CHOICE,
            "Some of several values, in a random order.",
            {
                "values": Property(
                    {"type": "array", "minItems": 1},
                    required=True,
                    replace=True,
                    description="What to choose from.",
                    plain_only=_SHOWN,
                ),
                "count": _new({"type": "integer", "minimum": 1, "default": 1}, "How many to choose; 1."),
            },
            outputs={"result": "The first of those chosen.", "results": "All that were chosen."},
        ),
        UUID: _type(UUID, "A random UUID (RFC 9562, version 4).", {}, outputs={"result": "The UUID."}),
    }

    async def create(self, desired: Desired, report: Report) -> Actual:
        outputs, secrets = _value(desired)
        return Actual(identity(desired), outputs, secrets)

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        """No property can change in place."""
        return Actual(id, dict(desired.outputs), dict(desired.secrets))


def _value(desired: Desired) -> tuple[dict[str, Any], dict[str, str]]:
    given = {name: value for name, value in desired.properties.items() if value is not None}
    match desired.type:
        case "random:Id":
            return generate.identifier(given), {}
        case "random:Password":
            return {}, {"result": generate.password(given)}
        case "random:Integer":
            return {"result": generate.integer(given)}, {}
        case "random:Pet":
            return {"result": generate.pet(given)}, {}
        case "random:Choice":
            refuse_secrets(desired, "values", _SHOWN)
            chosen = generate.choice(given)
            return {"result": chosen[0], "results": chosen}, {}
        case _:
            return {"result": generate.unique()}, {}
