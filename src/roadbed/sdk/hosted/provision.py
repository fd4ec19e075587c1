"""Provisioners satisfy the requests of a compile."""

from __future__ import annotations

import contextlib
import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.sdk import graph, params, provisioners
from roadbed.sdk.contracts import CONTRACTS
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.hosted.places import Places
from roadbed.sdk.hosted.programs import load
from roadbed.sdk.hosted.routes import check_routes
from roadbed.sdk.program import Context, Program, inside, running
from roadbed.sdk.references import Deferred
from roadbed.sdk.text import kept

_GUIDE = "see docs/guides/write-a-provisioner.md"


def provision(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    load(places.folder)
    outputs: dict[str, dict[str, Any]] = {}
    encoded: dict[str, dict[str, Any]] = {}
    used: dict[str, str] = {}
    notes: list[dict[str, Any]] = []
    context = Context(request["stack"], request["environment"], request["environment_kind"], request.get("owner"))
    with running(Program(context.stack, context, exporting=False)) as program:
        for wanted in request["requests"]:
            earlier = len(program.resources)
            with _asked_for(wanted, places):
                asked = _request(wanted, request, outputs)
                chosen = _choose(asked, places)
            notes += _check_params(chosen, asked, wanted)
            with inside(*((wanted["workload"],) if asked.id is None else ("shared",))):
                with _asked_for(wanted, places):
                    answered = chosen.function(asked)
                with _at_its_line(chosen, places):
                    outputs[wanted["uid"]] = _check_outputs(chosen, answered)
                    encoded[wanted["uid"]] = _encode(outputs[wanted["uid"]])
            used[wanted["uid"]] = _shown(chosen, places)
            for resource in list(program.resources.values())[earlier:]:
                _trace(resource, wanted, places)
    document = program.document()
    check_routes(document["resources"])
    return {"graph": document, "outputs": encoded, "provisioners": used, "notes": notes}


@contextlib.contextmanager
def _asked_for(wanted: Mapping[str, Any], places: Places) -> Iterator[None]:
    """Gives an error the place of the request, unless it comes of how the provisioner uses the SDK."""
    try:
        yield
    except ProgramError as error:
        own = [file is not None for file, _ in places.lines(error.__traceback__)]
        if own[-1] or not any(own):
            error.place = wanted.get("source")
        raise


def _encode(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs as the graph document says them."""
    return {key: graph.encode(value, key) for key, value in outputs.items()}


@contextlib.contextmanager
def _at_its_line(chosen: provisioners.Provisioner, places: Places) -> Iterator[None]:
    """What is wrong with the outputs is the provisioner's fault."""
    try:
        yield
    except ProgramError as error:
        file, _, line = _shown(chosen, places).rpartition(":")
        error.place = {"file": file, "line": int(line)}
        raise


def _shown(chosen: provisioners.Provisioner, places: Places) -> str:
    code = chosen.function.__code__
    return f"{places.relative(code.co_filename) or code.co_filename}:{code.co_firstlineno}"


def _trace(resource: dict[str, Any], wanted: Mapping[str, Any], places: Places) -> None:
    """Its `source` is where it was asked for, if that is known; `declared_by` is the line of the provisioner."""
    resource["source"] = places.shorten(resource["source"])
    if place := wanted.get("source"):
        resource["declared_by"] = resource["source"]
        resource["source"] = {"file": place["file"], "line": place["line"]}


def _request(
    wanted: Mapping[str, Any], request: Mapping[str, Any], outputs: Mapping[str, Mapping[str, Any]]
) -> provisioners.Request:
    return provisioners.Request(
        type=wanted["type"],
        name=wanted["name"],
        workload=wanted["workload"],
        application=request["application"],
        environment=request["environment"],
        kind=request["environment_kind"],
        params=_resolve(wanted.get("params") or {}, outputs),
        resource_class=wanted.get("class") or "default",
        id=wanted.get("id"),
        owner=request.get("owner"),
        workloads=tuple(wanted.get("workloads") or ()),
        ports=wanted.get("ports") or {},
        services=request.get("services") or {},
        variables=request.get("variables") or {},
    )


def _resolve(value: Any, outputs: Mapping[str, Mapping[str, Any]]) -> Any:
    """A param with every `$output` replaced by what the provisioner of that request returned."""
    match value:
        case {"$output": [uid, key]}:
            return _output(outputs[uid], key, uid)
        case {"$join": parts}:
            return kept("".join(_text(_resolve(part, outputs)) for part in parts))
        case dict():
            return {key: _resolve(item, outputs) for key, item in value.items()}
        case list():
            return [_resolve(item, outputs) for item in value]
        case _:
            return value


def _output(values: Mapping[str, Any], key: str, uid: str) -> Any:
    if key not in values:
        raise ProgramError(f"{uid} has no output {key!r}", f"it has: {', '.join(sorted(values)) or 'none'}")
    return values[key]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, Deferred) else json.dumps(value)


def _choose(asked: provisioners.Request, places: Places) -> provisioners.Provisioner:
    """The most specific provisioner that matches. Two equally specific ones are an error that names both."""
    found = provisioners.best(provisioners.registered(), asked)
    if not found:
        raise ProgramError(f"no provisioner offers {_what(asked)} in {asked.environment}", _offer(asked))
    if len(found) > 1:
        where = " and ".join(_shown(candidate, places) for candidate in found)
        raise ProgramError(
            f"{len(found)} provisioners are equally right for {_what(asked)} in {asked.environment}: {where}",
            "make one of them more specific: by id, resource_class or environments",
        )
    return found[0]


def _what(asked: provisioners.Request) -> str:
    return repr(asked.type) if asked.resource_class == "default" else f"{asked.type!r} of class {asked.resource_class}"


def _offer(asked: provisioners.Request) -> str:
    """What would satisfy the request."""
    offered = sorted({candidate.type for candidate in provisioners.registered()})
    if asked.type in offered:
        return f"those that offer {asked.type!r} are for other environments, classes or ids; {_GUIDE}"
    if contract := CONTRACTS.get(asked.type):
        return f"nothing here makes one: the platform team adds a provisioner, and {contract.said()}; {_GUIDE}"
    near = difflib.get_close_matches(asked.type, {*offered, *CONTRACTS}, 1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}offered are: {', '.join(offered) or 'none'}; the platform team adds a provisioner: {_GUIDE}"


def _check_params(
    chosen: provisioners.Provisioner, asked: provisioners.Request, wanted: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """A note on each param that the provisioner doesn't know. Raises ProgramError for one of a wrong type."""
    if chosen.params is None:
        return
    at = wanted.get("places") or {}
    for name, expected, found in params.wrong(chosen.params, asked.params):
        error = ProgramError(f"params.{name} of {asked.name} must be {expected}, not {found}", f"write {expected}")
        error.place = at.get(name) or wanted.get("source")
        raise error
    for name, near in params.unknown(chosen.params, asked.params):
        message = f"params.{name} of {asked.name} is not in force here{near}"
        yield {"message": message, **(at.get(name) or wanted.get("source") or {})}


def _check_outputs(chosen: provisioners.Provisioner, outputs: Any) -> dict[str, Any]:
    outputs = {} if outputs is None else outputs
    if not isinstance(outputs, Mapping):
        raise ProgramError(
            f"the provisioner {chosen.function.__name__} returned a {type(outputs).__name__}",
            "return a map of outputs",
        )
    return _check_contract(chosen, outputs)


def _check_contract(chosen: provisioners.Provisioner, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ProgramError where the type promises other outputs."""
    contract = CONTRACTS.get(chosen.type)
    if contract is not None and (problem := contract.problem(outputs)):
        raise ProgramError(f"the provisioner {chosen.function.__name__} of {chosen.type!r} {problem}", contract.said())
    return dict(outputs)
