"""The platform as `main` composes it, without starting anything; and the doors that it has."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from roadbed.main.composition import Platform, compose
from roadbed.main.databases import Databases
from roadbed.main.settings import Settings
from roadbed.storage.call import Call
from roadbed.storage.database import Database


class HomeSettings(Settings):
    """Settings with a home of a test's own, whatever the environment says."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder


def composed(home: Path, database: Database) -> Platform:
    settings = HomeSettings(folder=home)
    return compose(settings, database, Databases(home, settings.database), "http://localhost:7070")


def doors(platform: Platform) -> dict[str, Callable[..., Any]]:
    """Every public method that takes a `Call` first, of every object that the platform is made of: name → method."""
    found: dict[str, Callable[..., Any]] = {}
    for thing in _parts(platform):
        for name, method in inspect.getmembers(type(thing), inspect.isfunction):
            parameters = list(inspect.signature(method).parameters.values())[1:]  # the first is the object itself
            if not name.startswith("_") and parameters and parameters[0].annotation in ("Call", Call):
                found[f"{type(thing).__name__}.{name}"] = getattr(thing, name)
    return found


def _parts(root: object) -> Iterator[object]:
    """The platform's own objects, found by walking what holds what."""
    seen: set[int] = set()
    waiting: list[object] = [root]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, type | types.ModuleType):
            continue
        seen.add(id(thing))
        if _is_ours(thing):
            yield thing
        waiting += _held(thing)


def _is_ours(thing: object) -> bool:
    return type(thing).__module__.startswith("roadbed.")


def _held(thing: object) -> list[object]:
    if isinstance(thing, types.FunctionType):
        return [cell.cell_contents for cell in thing.__closure__ or ()]
    if isinstance(thing, types.MethodType):
        return [thing.__self__, thing.__func__]
    if isinstance(thing, Mapping):
        return list(thing.values())
    if isinstance(thing, list | tuple | set | frozenset):
        return list(thing)
    if _is_ours(thing) or type(thing).__module__.split(".")[0] in ("fastapi", "starlette", "functools"):
        slots = [name for one in type(thing).__mro__ for name in getattr(one, "__slots__", ())]
        return [*getattr(thing, "__dict__", {}).values(), *(getattr(thing, name, None) for name in slots)]
    return []


NAMED: Mapping[str, Any] = {
    "stack": "orders@dev",
    "key": "orders@dev/web",
    "service": "orders@dev/web",
    "environment": "dev",
    "path": "/",
    "host": "orders.dev.localhost",
    "ref": "component:default/orders",
    "urn": "orders@dev/orders#catalog:Component",
    "digest": "0" * 64,
    "source": "0" * 64,
    "action": "resource.backup",
}
"""What text must look like where a parameter of that name is text; elsewhere `orders`."""


def arguments(method: Callable[..., Any]) -> dict[str, Any]:
    """Something for each parameter that has no default, but for the call."""
    hints = typing.get_type_hints(method)
    _, *others = inspect.signature(method).parameters.values()
    return {
        one.name: _something(hints[one.name], one.name)
        for one in others
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    }


def _something(wanted: Any, name: str) -> Any:  # a case for each shape of a type
    origin = get_origin(wanted) or wanted
    if origin in (Union, types.UnionType):
        options = get_args(wanted)
        return _something(str if str in options else options[0], name)
    if origin is Literal:
        return get_args(wanted)[0]
    if origin is str:
        return NAMED.get(name, "orders")
    if origin in (int, float, bool, bytes):
        return origin(1)
    if origin is Path:
        return Path(__file__).parent
    if inspect.isclass(origin) and issubclass(origin, AsyncIterator):
        return _nothing()
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return {}
    if dataclasses.is_dataclass(origin):
        return _filled(origin)
    inner = get_args(wanted)
    return (_something(inner[0], name.removesuffix("s")),) if inner else ()


def _filled(kind: Any) -> Any:
    hints = typing.get_type_hints(kind)
    needed = [
        one
        for one in dataclasses.fields(kind)
        if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    ]
    return kind(**{one.name: _something(hints[one.name], one.name) for one in needed})


async def _nothing() -> AsyncIterator[bytes]:
    for _ in range(0):
        yield b""
