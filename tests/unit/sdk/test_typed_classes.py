"""The typed classes of the SDK and the types of the providers say the same: every property and every output."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

from roadbed.providers.driver import ResourceType
from roadbed.sdk import Options, Resource, types
from roadbed.sdk.program import Program, running
from type_pages import every_type

TYPES = every_type()
GENERATED = ("core", "random", "tls", "http", "file", "command", "postgres", "nats", "redis", "s3")


def classes() -> Iterator[type[Resource]]:
    for module in pkgutil.iter_modules(types.__path__):
        found = importlib.import_module(f"roadbed.sdk.types.{module.name}")
        for value in vars(found).values():
            if inspect.isclass(value) and issubclass(value, Resource) and value.TYPE:
                yield value


CLASSES = {one.TYPE: one for one in classes()}


def test_every_type_has_a_class() -> None:
    assert CLASSES.keys() == TYPES.keys()


@pytest.mark.parametrize("name", sorted(TYPES))
def test_its_outputs_are_those_of_the_type(name: str) -> None:
    declared = {**TYPES[name].outputs, **TYPES[name].secret_outputs}
    annotated = inspect.get_annotations(CLASSES[name])
    source = inspect.getsource(CLASSES[name])
    assert not annotated, "outputs are declared for type checkers only, so that they are references when they are used"
    for output in declared:
        assert f"        {output}: Reference" in source, f"{name} has the output {output}"
    assert source.count(": Reference\n") == len(declared)


@pytest.mark.parametrize("name", sorted(name for name in TYPES if name.partition(":")[0] in GENERATED))
def test_its_properties_are_those_of_the_type(name: str) -> None:
    kind, declared = CLASSES[name], TYPES[name]
    with running(Program("types@test")) as program:
        declare: Any = kind
        declare("one", **{parameter.name: _value(declared, parameter.name) for parameter in _parameters(kind)})
    (resource,) = program.document()["resources"]
    assert resource["properties"].keys() == declared.properties.keys()
    for parameter in _parameters(kind):
        required = declared.properties[parameter.name.rstrip("_")].required
        assert (parameter.default is inspect.Parameter.empty) == required, f"{parameter.name} of {name}"
        assert f"- `{parameter.name}`" in (kind.__doc__ or ""), f"{parameter.name} of {name} needs a word"


@pytest.mark.parametrize("name", sorted(name for name in TYPES if name.partition(":")[0] in GENERATED))
def test_its_words_are_those_of_the_type(name: str) -> None:
    declared, words = TYPES[name], " ".join((CLASSES[name].__doc__ or "").split())
    assert words.startswith(declared.description)
    for one, given in declared.properties.items():
        says = given.description[0].casefold() + given.description[1:]
        begins = words.casefold().find(f"`{one}`: {says}".casefold())
        assert begins > 0, f"{one} of {name}: {given.description}"
        follows = words[begins + len(f"`{one}`: {says}") :].lstrip()
        assert follows.startswith("A change replaces it.") == given.replace, f"{one} of {name}"


def test_options_are_no_properties() -> None:
    options = Options.__annotations__.keys() - {"import_"}
    for name, declared in TYPES.items():
        assert not options & declared.properties.keys(), f"{name}: an option has the name of a property"


def _parameters(kind: type[Resource]) -> list[inspect.Parameter]:
    return [one for one in inspect.signature(kind).parameters.values() if one.kind is one.KEYWORD_ONLY]


def _value(declared: ResourceType, parameter: str) -> Any:
    schema = declared.properties[parameter.rstrip("_")].schema
    return {"array": ["x"], "object": {"x": "y"}, "integer": 1, "boolean": True}.get(str(schema.get("type")), "x")
