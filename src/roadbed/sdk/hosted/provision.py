"""Provisioners satisfy the requests of a compile."""

from __future__ import annotations

import contextlib
import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from roadbed.sdk import graph, params, provisioners
from roadbed.sdk.contracts import CONTRACTS, Contract
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.hosted.guard import limited
from roadbed.sdk.hosted.places import Places, Stopped
from roadbed.sdk.hosted.programs import load
from roadbed.sdk.hosted.routes import check_routes
from roadbed.sdk.program import Context, Program, inside, running
from roadbed.sdk.references import Deferred
from roadbed.sdk.text import kept

_BLOCK_SECONDS = 5.0
"""How long a building block may take for one request."""
_GUIDE = "see docs/guides/write-a-provisioner.md"


def provision(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """The answer; an `error` with all that is refused or that nobody offers, each at its place."""
    load(places.folder, request.get("blocks", ()))
    return _provision(request, places)


def provision_all(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Many at once, of which one that fails is no fault of the others."""
    load(places.folder, request.get("blocks", ()))
    return {"answers": [_answered(asked, places) for asked in request["asked"]]}


def _answered(asked: Mapping[str, Any], places: Places) -> dict[str, Any]:
    try:
        return _provision(asked, places)
    except Exception as error:
        return {"error": places.error(error)}


def _provision(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    context = Context(request["stack"], request["environment"], request["environment_kind"], request.get("owner"))
    with running(Program(context.stack, context, exporting=False)) as program:
        work = _Provisioning(request, places, program)
        for wanted in request["requests"]:
            work.satisfy(wanted)
    if work.refused:
        return {"error": _all_of(work.refused, request["application"])}
    document = program.document()
    check_routes(document["resources"])
    return {
        "graph": document,
        "outputs": work.encoded,
        "provisioners": work.used,
        "made": work.made,
        "notes": work.notes,
    }


@dataclass(slots=True)
class _Provisioning:
    """What has been satisfied of a compile's requests until now, by UID, and what can't be: `refused`."""

    request: Mapping[str, Any]
    places: Places
    program: Program
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    encoded: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    made: dict[str, list[str]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def satisfy(self, wanted: Mapping[str, Any]) -> None:
        """What needs an output of one that was refused is left out: it has no fault of its own."""
        if any(uid not in self.outputs for uid in _needed(wanted.get("params"))):
            return
        try:
            self._satisfy(wanted)
        except ProgramError as error:
            self.refused.append(self.places.error(error))
        except _BlockFailed as error:
            self.refused.append(error.told(wanted, self.places))

    def _satisfy(self, wanted: Mapping[str, Any]) -> None:
        earlier, uid = len(self.program.resources), wanted["uid"]
        with _asked_for(wanted, self.places):
            asked = _request(wanted, self.request, self.outputs)
            chosen = _choose(asked, self.places)
        if wrong := list(_wrong_params(chosen, asked, wanted)):
            self.refused += wrong
            return
        asked = replace(asked, params=params.with_defaults(chosen.params or {}, asked.params))
        self.notes += [*_unknown_params(chosen, asked, wanted), *_deprecated(chosen, asked, wanted)]
        with inside(*((wanted["workload"],) if asked.id is None else ("shared",))):
            with _its_own_fault(chosen, may_refuse=True), _asked_for(wanted, self.places):
                answered = chosen.function(asked)
            with _its_own_fault(chosen), _at_its_line(chosen, self.places):
                outputs = _check_outputs(chosen, answered)
                self.encoded[uid] = _encode(outputs)
        self.outputs[uid] = outputs
        self.used[uid] = _shown(chosen, self.places)
        declared = list(self.program.resources.values())[earlier:]
        self.made[uid] = [resource["urn"] for resource in declared]
        for resource in declared:
            _trace(resource, wanted, self.places)


class _BlockFailed(Exception):
    """The program of a building block does what it may not: no fault of whoever asked for it."""

    def __init__(self, block: provisioners.Provisioner, error: BaseException) -> None:
        self.block, self.error = block, error

    def told(self, wanted: Mapping[str, Any], places: Places) -> dict[str, Any]:
        """A plain sentence for who asked, at their place, and what to pass on; `failure` is for the block's owner."""
        about, found = self.block.about, places.error(self.error)
        place = f"{found['file']}:{found['line']}" if found.get("line") else _shown(self.block, places)
        version = f" {about.version}" if about.version else ""
        message = f"{wanted['name']} can't be made: the building block {self.block.block}{version} fails"
        owner = about.owner or "the platform team"
        hint = f"tell {owner}: {place}: {found['message']}"
        return {"message": message, "hint": hint, "failure": found, **(wanted.get("source") or {})}


@contextlib.contextmanager
def _its_own_fault(chosen: provisioners.Provisioner, *, may_refuse: bool = False) -> Iterator[None]:
    """Of a building block, whatever goes wrong is its owner's, unless it refuses what was asked of it.

    It has less time than all of the requests, so that its own loop is told of, too.
    """
    try:
        with limited(_BLOCK_SECONDS) if chosen.block is not None else contextlib.nullcontext():
            yield
    except (Exception, Stopped) as error:
        refuses = may_refuse and isinstance(error, ProgramError) and error.place is not None
        if chosen.block is None or refuses:
            raise
        raise _BlockFailed(chosen, error) from error


def _all_of(refused: list[dict[str, Any]], application: str) -> dict[str, Any]:
    """One alone is the error itself."""
    if len(refused) == 1:
        return refused[0]
    message = f"{application} asks for what it can't be given here: {len(refused)} problems"
    return {"message": message, "file": refused[0].get("file"), "problems": refused}


def _needed(value: Any) -> Iterator[str]:
    """The UIDs of the requests whose outputs a param refers to."""
    match value:
        case {"$output": [uid, _]}:
            yield uid
        case dict():
            yield from (uid for item in value.values() for uid in _needed(item))
        case list():
            yield from (uid for item in value for uid in _needed(item))


@contextlib.contextmanager
def _asked_for(wanted: Mapping[str, Any], places: Places) -> Iterator[None]:
    """Gives an error the place of the request, or of its param, unless it comes of how the provisioner uses the SDK."""
    try:
        yield
    except ProgramError as error:
        own = [file is not None for file, _ in places.lines(error.__traceback__)]
        if own[-1] or not any(own):
            error.place = wanted.get("places", {}).get(error.param) or wanted.get("source")
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
    return f"{places.relative(chosen.file) or chosen.file}:{chosen.line}"


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


def _wrong_params(
    chosen: provisioners.Provisioner, asked: provisioners.Request, wanted: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """A problem for each param that may not be what it is, or must be there."""
    for name, told in params.missing(chosen.params or {}, asked.params):
        message = f"{asked.name} of type {chosen.type!r} needs the param {name!r}"
        yield {"message": message, "hint": told or f"add it: params: {{{name}: …}}", **(wanted.get("source") or {})}
    for name, expected, found in params.wrong(chosen.params or {}, asked.params):
        message = f"params.{name} of {asked.name} must be {expected}, not {found}"
        yield {"message": message, "hint": f"write {expected}", **_param_place(name, wanted)}


def _unknown_params(
    chosen: provisioners.Provisioner, asked: provisioners.Request, wanted: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """A note on each param that the provisioner doesn't know, where it says which it does."""
    if chosen.params is None:
        return
    for name, near in params.unknown(chosen.params, asked.params):
        yield {"message": f"params.{name} of {asked.name} is not in force here{near}", **_param_place(name, wanted)}


def _deprecated(
    chosen: provisioners.Provisioner, asked: provisioners.Request, wanted: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """A note on what its owner would see go."""
    if chosen.about.maturity == "deprecated":
        instead = f": ask for {chosen.about.successor!r} instead" if chosen.about.successor else ""
        yield {
            "message": f"{asked.name} is of a deprecated type, {chosen.type!r}{instead}",
            **(wanted.get("source") or {}),
        }


def _param_place(name: str, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    return (wanted.get("places") or {}).get(name) or wanted.get("source") or {}


def _check_outputs(chosen: provisioners.Provisioner, outputs: Any) -> dict[str, Any]:
    outputs = {} if outputs is None else outputs
    if not isinstance(outputs, Mapping):
        raise ProgramError(
            f"the provisioner {chosen.name} returned a {type(outputs).__name__}",
            "return a map of outputs",
        )
    return _check_contract(chosen, outputs)


def contract_of(one: provisioners.Provisioner) -> Contract | None:
    """What its type promises: Score's own words, else the provisioner's, None where neither says."""
    said = one.about.outputs
    return CONTRACTS.get(one.type) or (Contract("", said) if said else None)


def _check_contract(chosen: provisioners.Provisioner, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ProgramError where the type promises other outputs."""
    contract = contract_of(chosen)
    if contract is not None and (problem := contract.problem(outputs)):
        raise ProgramError(f"the provisioner {chosen.name} of {chosen.type!r} {problem}", contract.said())
    return dict(outputs)
