"""Where texts and environment variables stand in what is declared, of whatever kind it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import declared
from roadbed.policies.pods import kind
from roadbed.policies.values import folded, spelled, unknown, written
from roadbed.sdk.policies import PlannedResource

HOLDERS = frozenset(
    (
        "variables",
        "environment",
        "env",
        "appsettings",
        "environmentvariables",
        "runtimeenvironmentvariables",
        "optionsettings",
    )
)
"""The properties that hold variables, without their spelling."""
_NAMES = ("name", "OptionName")
_ELSEWHERE = ("PARAMETER_STORE", "SECRETS_MANAGER")
"""Types of variables that say where the value is."""


def variables(resource: PlannedResource) -> Iterator[tuple[str, Any]]:
    """Name and value of each, wherever they stand."""
    yield from _within(resource.properties)
    if kind(resource) == "configmap":
        yield from _held(declared(resource).get("data"))


def _within(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str):
        return
    if isinstance(value, Mapping) and not unknown(value):
        for key, one in value.items():
            yield from (_held(one) if folded(str(key)) in HOLDERS else _within(one))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _within(one)


def _held(value: Any) -> Iterator[tuple[str, Any]]:
    """A map of variables, a list of maps with name and value, or of `NAME=value`; clouds have those within maps."""
    if isinstance(value, list | tuple):
        for one in value:
            if isinstance(one, str):
                yield one.partition("=")[0], one.partition("=")[2]
            else:
                yield from _held(one)
    elif isinstance(value, Mapping) and not unknown(value):
        told = spelled(value)
        name = next((told[each] for each in _NAMES if each in told), None)
        if isinstance(name, str) and "value" in told:
            yield from () if told.get("Type") in _ELSEWHERE else ((name, told["value"]),)
        elif name is None or not {"valueFrom", "secretRef"} & set(value):
            for key, one in value.items():
                deeper = isinstance(one, list | tuple | Mapping) and not unknown(one)
                yield from _held(one) if deeper else ((str(key), one),)


def texts(value: Any, path: str = "", name: str = "") -> Iterator[tuple[str, str, str]]:
    """Every plain text below: its path, the name that it stands under (none in a list), and itself.

    Variables are left out: they are looked at by themselves. In a list of arguments an option names what follows it.
    """
    if isinstance(value, str):
        yield path, name, value
    elif unknown(value):
        yield path, "", written(value)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if folded(str(key)) not in HOLDERS:
                called = value.get("name") if key == "value" else None  # one of a list, as clouds have them
                yield from texts(
                    one, f"{path}.{key}" if path else str(key), called if isinstance(called, str) else str(key)
                )
    elif isinstance(value, list | tuple):
        before = ""
        for number, one in enumerate(value):
            yield from texts(one, f"{path}.{number}", before.lstrip("-") if before.startswith("--") else "")
            before = one if isinstance(one, str) and "=" not in one else ""
