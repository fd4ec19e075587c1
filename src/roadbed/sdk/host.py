"""Runs the platform team's programs: `python -m roadbed.sdk.host` reads a request on stdin and answers on stdout.

Two requests, each one JSON object:

- `{"version": 1, "kind": "provision", "programs": FOLDER, "stack", "application", "environment", "environment_kind",
  "owner", "requests": [{"uid", "type", "class", "id", "name", "workload", "params", "workloads", "ports", "source"}]}`.
  Requests stand in the order in which they refer to each other; a param refers to an output of an earlier one by
  `{"$output": [uid, key]}`, or inside `{"$join": [...]}`. `source` is where it stands: `{"file", "line", "column"}`.
  Answer: `{"graph": document, "outputs": {uid: {key: property}}, "provisioners": {uid: "file:line"}}`.
  A resource's `source` is that of its request, if given, with the provisioner's own line as `declared_by`.
- `{"version": 1, "kind": "judge", "programs": FOLDER, "stack", "environment", "environment_kind", "owner",
  "resources": [...]}`. Answer: `{"verdicts": [{"policy", "level", "resource", "message", "remedy"}]}`.

Whatever goes wrong in a program is answered as `{"error": {"message", "hint", "file", "line"}}`, with the innermost
line of the user's own code; what a provisioner refuses, or nobody offers, with the place of the request. What a
program prints goes to stderr, so that it can't spoil the answer.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import json
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from roadbed.sdk import graph, policies, provisioners
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.program import Program, inside, running
from roadbed.sdk.references import Deferred

_SDK = str(Path(__file__).parent)


def main() -> None:
    answer = json.loads(sys.stdin.read())
    with contextlib.redirect_stdout(sys.stderr):
        result = _answer(answer)
    json.dump(result, sys.stdout)


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    folder = Path(request["programs"])
    try:
        _load(folder)
        return _provision(request) if request["kind"] == "provision" else _judge(request)
    except ProgramError as error:
        located = _located(error, folder, error.message, error.hint)
        return {"error": {**located, **(error.place or {})}}
    except Exception as error:
        return {"error": _located(error, folder, f"{type(error).__name__}: {error}", None)}


def _load(folder: Path) -> None:
    """Imports every program below the folder, in the order of their names."""
    for file in sorted(folder.rglob("*.py")):
        spec = importlib.util.spec_from_file_location(f"platform_{file.stem}", file)
        if spec is None or spec.loader is None:
            continue
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)


def _located(error: BaseException, folder: Path, message: str, hint: str | None) -> dict[str, Any]:
    """The error with the innermost place that is the user's own, relative to the folder of programs."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_in(frame, folder)]
    place: dict[str, Any] = {}
    if isinstance(error, SyntaxError) and error.filename:
        place = {"file": error.filename, "line": error.lineno}
    elif frames:
        place = {"file": frames[-1].filename, "line": frames[-1].lineno}
    if place:
        place["file"] = _relative(place["file"], folder)
    return {"message": message, "hint": hint, **place}


def _is_in(frame: traceback.FrameSummary, folder: Path) -> bool:
    return Path(frame.filename).is_relative_to(folder)


@contextlib.contextmanager
def _asked_for(wanted: Mapping[str, Any], folder: Path) -> Iterator[None]:
    """Gives an error the place of the request, unless it comes of how the provisioner uses the SDK."""
    try:
        yield
    except ProgramError as error:
        frames = traceback.extract_tb(error.__traceback__)
        if _is_in(frames[-1], folder) or not any(_is_in(frame, folder) for frame in frames):
            error.place = wanted.get("source")
        raise


def _relative(file: str, folder: Path) -> str:
    path = Path(file)
    return str(path.relative_to(folder.parent)) if path.is_relative_to(folder.parent) else file


def _provision(request: Mapping[str, Any]) -> dict[str, Any]:
    folder = Path(request["programs"])
    outputs: dict[str, dict[str, Any]] = {}
    used: dict[str, str] = {}
    with running(Program(request["stack"])) as program:
        for wanted in request["requests"]:
            earlier = len(program.resources)
            with _asked_for(wanted, folder):
                asked = _request(wanted, request, outputs)
                chosen = _choose(asked)
            with inside(*((wanted["workload"],) if asked.id is None else ("shared",))):
                with _asked_for(wanted, folder):
                    answered = chosen.function(asked)
                outputs[wanted["uid"]] = _check_outputs(chosen, answered)
            used[wanted["uid"]] = _relative(chosen.place, folder)
            for resource in list(program.resources.values())[earlier:]:
                _trace(resource, wanted, folder)
    document = program.document()
    encoded = {uid: graph.encode(values) for uid, values in outputs.items()}
    return {"graph": document, "outputs": encoded, "provisioners": used}


def _trace(resource: dict[str, Any], wanted: Mapping[str, Any], folder: Path) -> None:
    """Its `source` is where it was asked for, if that is known; `declared_by` is the line of the provisioner."""
    if resource["source"]:
        resource["source"]["file"] = _relative(resource["source"]["file"], folder)
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
    )


def _resolve(value: Any, outputs: Mapping[str, Mapping[str, Any]]) -> Any:
    """A param with every `$output` replaced by what the provisioner of that request returned."""
    match value:
        case {"$output": [uid, key]}:
            return _output(outputs[uid], key, uid)
        case {"$join": parts}:
            return "".join(_text(_resolve(part, outputs)) for part in parts)
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


def _choose(asked: provisioners.Request) -> provisioners.Provisioner:
    """The most specific provisioner that matches. Two equally specific ones are an error that names both."""
    matching = [candidate for candidate in provisioners.registered() if candidate.matches(asked)]
    if not matching:
        raise ProgramError(f"no provisioner offers {asked.type!r} in {asked.environment}", _offer(asked))
    best = max(candidate.specificity for candidate in matching)
    chosen = [candidate for candidate in matching if candidate.specificity == best]
    if len(chosen) > 1:
        places = " and ".join(Path(candidate.place).name for candidate in chosen)
        raise ProgramError(
            f"two provisioners are equally right for {asked.type!r} in {asked.environment}: {places}",
            "make one of them more specific: by id, resource_class or environments",
        )
    return chosen[0]


def _offer(asked: provisioners.Request) -> str:
    offered = sorted({candidate.type for candidate in provisioners.registered()})
    near = difflib.get_close_matches(asked.type, offered, 1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}offered are: {', '.join(offered) or 'none'}; the platform team adds one in provisioners/"


def _check_outputs(chosen: provisioners.Provisioner, outputs: Any) -> dict[str, Any]:
    if outputs is None:
        return {}
    if not isinstance(outputs, Mapping):
        raise ProgramError(
            f"the provisioner {chosen.function.__name__} returned a {type(outputs).__name__}",
            "return a map of outputs",
        )
    return dict(outputs)


def _judge(request: Mapping[str, Any]) -> dict[str, Any]:
    context = policies.Context(
        request["stack"], request["environment"], request["environment_kind"], request.get("owner")
    )
    verdicts = []
    for one in request["resources"]:
        resource = policies.PlannedResource(one["urn"], one["type"], one["name"], one["properties"], one.get("source"))
        for policy in policies.registered():
            if policy.applies_to(resource):
                verdicts += [_verdict(policy, resource, finding) for finding in policy.function(resource, context)]
    return {"verdicts": verdicts}


def _verdict(policy: policies.Policy, resource: policies.PlannedResource, finding: policies.Finding) -> dict[str, Any]:
    message, remedy = finding
    return {
        "policy": policy.name,
        "level": policy.level,
        "resource": resource.urn,
        "message": message,
        "remedy": remedy,
    }


if __name__ == "__main__":
    main()
