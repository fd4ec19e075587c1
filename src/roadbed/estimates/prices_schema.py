"""Writes the JSON Schema of `prices.yaml`: `python -m roadbed.estimates.prices_schema [PATH]`.

It is made of what the reader goes by. What it can't say (whether a place, an environment or a type is there) the reader
does.
"""

from __future__ import annotations

from typing import Any

from roadbed.estimates.currencies import CURRENCIES
from roadbed.estimates.reader import API_VERSION, BYTE_UNITS, KIND, MOST_RATIO, SPANS
from roadbed.estimates.rules import CORES, UNITS
from roadbed.estimates.sheet import BYTES, MEASURES
from roadbed.kit import json_schemas
from roadbed.kit.json_schemas import closed

_TEXT = {"type": "string", "minLength": 1}
_NUMBER = {"type": "number", "minimum": 0}
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "Of when it is, in quotes."}
_SOURCE = {"source": {**_TEXT, "description": "Whose it is."}, "date": _DAY}


def _figure(key: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A number with where it is from."""
    return closed({key: value, **more, **_SOURCE}, key, *more, "source", "date")


def _units(measure: str) -> list[str]:
    return list(BYTE_UNITS) if measure in BYTES else ["core"]


def _prices() -> dict[str, Any]:
    per = {name: [f"{unit}-{span}" for unit in _units(name) for span in SPANS] for name in MEASURES}
    return closed({name: _figure("price", _NUMBER, per={"enum": per[name]}) for name in MEASURES})


def _energy() -> dict[str, Any]:
    watts = {name: _figure("watts", _NUMBER, per={"enum": _units(name)}) for name in MEASURES}
    return closed({**watts, "pue": _figure("ratio", {"type": "number", "minimum": 1, "maximum": float(MOST_RATIO)})})


def _amount(measure: str) -> dict[str, Any]:
    if measure in BYTES:
        return {"type": "string", "pattern": r"^\d", "description": "Bytes with a unit: 256Mi."}
    return {"anyOf": [_NUMBER, {"type": "string", "pattern": r"^\d{1,8}m$"}], "description": "Cores: 0.5 or 500m."}


def _rule() -> dict[str, Any]:
    """A price, or one for each value of a property."""
    quantities = {
        name: {"anyOf": [_amount(name), _property(list(UNITS if name in BYTES else CORES))]} for name in MEASURES
    }
    several = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2}]}
    priced = closed({**quantities, "month": _NUMBER, "hour": _NUMBER, "times": several, **_SOURCE}, "source", "date")
    priced["anyOf"] = [{"required": [name]} for name in (*MEASURES, "month", "hour")]
    priced["not"] = {"required": ["month", "hour"]}
    values = {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/Type"}}
    free = closed({"free": {**_TEXT, "description": "Why it costs nothing."}}, "free")
    return {"anyOf": [priced, free, closed({"by": _TEXT, "of": values}, "by", "of")]}


def _property(units: list[str]) -> dict[str, Any]:
    return closed({"property": _TEXT, "unit": {"enum": units}, "default": _NUMBER}, "property", "unit")


def _sections() -> dict[str, Any]:
    """What the file says of all environments, and may say of one."""
    rate = _figure("rate", {"type": "number", "exclusiveMinimum": 0})
    return {
        "prices": _prices(),
        "types": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Type"}},
        "energy": _energy(),
        "location": {**_TEXT, "description": "Whose electricity: ESP, aws/eu-west-1, azure/uksouth, world."},
        "grid": _figure("grams_per_kwh", _NUMBER),
        "exchange": closed(dict.fromkeys(sorted(CURRENCIES), rate)),
        "assume": closed({name: _amount(name) for name in MEASURES}),
    }


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12."""
    names = {"apiVersion": {"const": API_VERSION}, "kind": {"const": KIND}}
    currency = {"enum": sorted(CURRENCIES), "description": "A code of ISO 4217, of all prices."}
    environments = {"type": "object", "additionalProperties": closed({name: _ref(name) for name in _sections()})}
    whole = {name: _ref(name) for name in _sections()}
    fields = {**names, "currency": currency, **whole, "environments": environments}
    return {
        **json_schemas.head("prices"),
        "title": "prices.yaml: the price sheet of a platform repo",
        **closed(fields, "apiVersion", "kind", "currency", "prices"),
        "$defs": {**_sections(), "Type": _rule()},
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def text() -> str:
    return json_schemas.text(schema())


if __name__ == "__main__":
    json_schemas.write(text(), "prices.schema.json")
