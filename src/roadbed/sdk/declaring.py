"""Turns a declaration and its options into an entry of the graph document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roadbed.sdk import graph, options
from roadbed.sdk.aliases import earlier
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.program import Declared, Program, Scope, current, enter, place, scope


def declare(declared: Declared, type: str, name: str, properties: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Adds a managed resource to the running program and gives its URN."""
    program, around = _begin(type, name)
    resource = _entry(declared, program, around, type, name)
    resource["properties"] = graph.properties(properties, resource["urn"])
    resource["depends_on"] = [*around.depends_on, *dependencies(given["depends_on"])]
    if around.inherits or any(option is not None for option in given.values()):
        said = dict(_said(given, resource, program, around))
        resource.update({"options": said} if said else {})
    enter(program, resource, around)
    return str(resource["urn"])


def declare_read(declared: Declared, type: str, name: str, id: object, properties: Mapping[str, Any]) -> str:
    """Adds something that is only looked at, and gives its URN."""
    program, around = _begin(type, name)
    resource = _entry(declared, program, around, type, name)
    resource["properties"] = graph.properties(properties, resource["urn"])
    resource["depends_on"] = list(around.depends_on)
    resource["kind"] = "read"
    resource["id"] = graph.encode(id, "id")
    if not resource["id"] or not isinstance(resource["id"], str | dict):
        raise ProgramError(f"the id of {resource['urn']} must be text, not {id!r}")
    enter(program, resource, around)
    return str(resource["urn"])


def _begin(type: str, name: str) -> tuple[Program, Scope]:
    graph.check_type(type)
    graph.check_name(name, type)
    return current(f"{type} {name!r} is declared"), scope()


def _entry(declared: Declared, program: Program, around: Scope, type: str, name: str) -> dict[str, Any]:
    return {
        "urn": graph.urn(program.stack, around.paths[0], name, type),
        "type": type,
        "name": name,
        "properties": {},
        "depends_on": [],
        "source": place(declared),
    }


def dependencies(given: object) -> list[str]:
    """The URNs of what `depends_on` names."""
    if given is None:
        return []
    if not isinstance(given, Iterable) or isinstance(given, Declared | str):
        raise ProgramError(f"depends_on must be a list, not {given!r}", "write depends_on=[db]")
    urns = []
    for other in given:
        if not isinstance(other, Declared):
            raise ProgramError(f"depends_on takes resources and components, not {other!r}", "write depends_on=[db]")
        urns.append(other.urn)
    return sorted(urns) if isinstance(given, set | frozenset) else urns


def _said(
    given: Mapping[str, Any], resource: Mapping[str, Any], program: Program, around: Scope
) -> Iterator[tuple[str, Any]]:
    """The options that differ from their defaults, as the graph document says them."""
    for name, inherited in (("protect", around.protect), ("retain_on_delete", around.retain_on_delete)):
        if inherited if given[name] is None else options.flag(given[name], name):
            yield name, True
    for name in ("ignore_changes", "replace_on_changes"):
        if given[name] is not None and (paths := options.paths(given[name], name)):
            yield name, paths
    if given["delete_before_replace"] is not None and options.flag(
        given["delete_before_replace"], "delete_before_replace"
    ):
        yield "delete_before_replace", True
    if aliases := earlier(given["aliases"], resource, program.stack, around.paths):
        yield "aliases", aliases
    if given["import_"] is not None:
        yield "import", graph.known_text(given["import_"], "import_")
    if (provider := _provider(given["provider"], resource["type"], around)) is not None:
        yield "provider", provider
    if given["timeouts"] is not None and (found := options.timeouts(given["timeouts"])):
        yield "timeouts", found


def check_provider(given: object) -> Declared:
    if not isinstance(given, Declared):
        raise ProgramError(f"provider must be a resource, not {given!r}", "declare it, and pass the resource")
    return given


def _provider(given: object, type: str, around: Scope) -> str | None:
    """What configures the provider. One that is inherited counts for its own provider's types only."""
    if given is not None:
        found = check_provider(given)
        if family(found) != _family(type):
            raise ProgramError(f"{found.urn} can't configure the provider of {type}", f"it is no {_family(type)} one")
        return found.urn
    inherited = around.provider
    return inherited.urn if inherited is not None and family(inherited) == _family(type) else None


def family(declared: Declared) -> str:
    return _family(declared.urn.partition("#")[2])


def _family(type: str) -> str:
    return type.partition(":")[0]
