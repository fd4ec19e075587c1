"""`command:Command` and `command:Resource`.

A Command is run when it is made. After a crash in the middle nobody knows whether it ran, so it runs again: the plan
says so. A Resource has a `read` command, which finds what is there: it is run before `create`, so that a creation that
was interrupted is found, and after, so that the outputs are what there really is.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from roadbed.kit.errors import InvalidInput, OperationFailed
from roadbed.providers.command.runner import NotStarted, Order, Runner, parsed
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.providers.kept import refuse_secrets

COMMAND, RESOURCE = "command:Command", "command:Resource"

_ARGUMENTS: Mapping[str, Any] = {"type": "array", "minItems": 1, "items": {"type": "string"}}
_TEXTS: Mapping[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
_RUNS = ("create", "update", "environment", "stdin", "files", "outputs", "sensitive")

_INSTEAD = "a secret goes into `environment`"
_PLAIN = ("create", "read", "update", "delete", "files")
"""What is needed once more when it is read or removed, when nobody knows a secret but by its fingerprint."""

_PROPERTIES = {
    "create": Property(
        _ARGUMENTS,
        required=True,
        description="The program and its arguments, nothing secret; no shell reads them.",
        plain_only=_INSTEAD,
    ),
    "update": Property(
        _ARGUMENTS,
        description="Run at a change, with the outputs as JSON on stdin; `create` otherwise.",
        plain_only=_INSTEAD,
    ),
    "delete": Property(
        _ARGUMENTS, description="Run when it is removed, with the outputs as JSON on stdin.", plain_only=_INSTEAD
    ),
    "environment": Property(_TEXTS, description="Environment variables; they may be secret."),
    "files": Property(
        _TEXTS,
        description="Files for the command to see, by absolute path: scripts, nothing secret.",
        plain_only=_INSTEAD,
    ),
    "stdin": Property({"type": "string"}, description="What `create` is given on stdin."),
    "network": Property({"type": "boolean", "default": True}, description="Whether it may use the network; true."),
    "timeout_s": Property(
        {"type": "number", "exclusiveMinimum": 0, "maximum": 3600, "default": 300},
        description="The longest each may take; 300.",
    ),
    "outputs": Property(
        {"enum": ["text", "json"], "default": "text"}, description="What it prints: text, or one JSON object; text."
    ),
    "sensitive": Property(
        {"type": "boolean", "default": False}, description="Whether what it prints is secret; false."
    ),
    "triggers": Property({}, replace=True, description="Anything; a change of it makes a new one."),
}
_OUTPUTS = {
    "stdout": "What it printed; null if it is sensitive.",
    "result": "The JSON object that it printed, if `outputs` is json and it is not sensitive; null otherwise.",
}
_SECRETS = {
    "sensitive_stdout": "What it printed, if it is sensitive.",
    "environment": "Its variables as JSON, kept for the day when it is removed.",
}
_FOLLOWS = {"stdout": _RUNS, "result": _RUNS, "sensitive_stdout": _RUNS, "environment": _RUNS}


class CommandProvider:
    """A resource's id is made of its creation's token. `folder` holds each one's own folder."""

    name: ClassVar[str] = "command"
    parallel: ClassVar[int] = 8
    types: ClassVar[Mapping[str, ResourceType]] = {
        COMMAND: ResourceType(
            COMMAND,
            "A command that runs when it is made, and others for its change and its removal.",
            _PROPERTIES,
            outputs=_OUTPUTS,
            secret_outputs=_SECRETS,
            follows=_FOLLOWS,
            may_run_twice=True,
        ),
        RESOURCE: ResourceType(
            RESOURCE,
            "Anything that commands can make, find again, change and remove.",
            {
                **_PROPERTIES,
                "read": Property(
                    _ARGUMENTS,
                    required=True,
                    description="Prints what there is, and nothing if nothing is; that makes the outputs.",
                ),
            },
            outputs=_OUTPUTS,
            secret_outputs=_SECRETS,
            follows=dict.fromkeys(_FOLLOWS, (*_RUNS, "read")),
        ),
    }

    def __init__(self, folder: Path) -> None:
        self._runner = Runner(folder)

    async def create(self, desired: Desired, report: Report) -> Actual:
        own = _id(desired)
        if desired.type == COMMAND:
            return _actual(desired, own, await self._run("create", desired, own, report))
        if (found := await self._look(desired, own)) is not None:
            await report("found what was there already")
            return found
        await self._run("create", desired, own, report)
        return await self._made(desired, own)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        if desired.type == RESOURCE:
            return await self._look(desired, id)
        kept = bool(desired.outputs or desired.secrets)
        return Actual(id, dict(desired.outputs), dict(desired.secrets)) if kept else None

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        action = "update" if desired.properties.get("update") else "create"
        printed = await self._run(action, desired, id, report)
        return _actual(desired, id, printed) if desired.type == COMMAND else await self._made(desired, id)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        own = id or _id(desired)
        try:
            if await self._there(desired, own) and desired.properties.get("delete"):
                await self._run("delete", desired, own, report)
        except (InvalidInput, _ReadNotStarted):
            if id:
                raise  # without one its creation was refused for the same reason: there is nothing
        await asyncio.to_thread(self._runner.forget, own)

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """A command has ended when it returns."""

    async def _there(self, desired: Desired, id: str) -> bool:
        """Nobody knows of a Command."""
        if desired.type == COMMAND:
            return True
        try:
            return await self._look(desired, id) is not None
        except NotStarted as error:
            raise _ReadNotStarted(error.message, hint=error.hint) from None

    async def _look(self, desired: Desired, id: str) -> Actual | None:
        printed = await self._run("read", desired, id, _silent)
        return _actual(desired, id, printed) if printed.strip() not in ("", "null") else None

    async def _made(self, desired: Desired, id: str) -> Actual:
        found = await self._look(desired, id)
        if found is None:
            raise OperationFailed("the command ended well, but `read` finds nothing", hint="mend one of the two")
        return found

    async def _run(self, action: str, desired: Desired, id: str, report: Report) -> str:
        return await self._runner.run(id, _order(action, desired, id), report)


class _ReadNotStarted(NotStarted):
    """A creation looks first, so it had the same answer, and made nothing."""


async def _silent(text: str) -> None:
    """Reading changes nothing, so there is nothing to tell."""


def _id(desired: Desired) -> str:
    return desired.token or hashlib.sha256(desired.urn.encode()).hexdigest()[:32]


def _order(action: str, desired: Desired, id: str) -> Order:
    for path in desired.secret_paths:
        if path.partition(".")[0] in _PLAIN:
            refuse_secrets(desired, path.partition(".")[0], _INSTEAD)
    given = _known(desired.properties)
    if action not in given:
        raise OperationFailed(f"a change of the {action} command failed", hint="apply its declaration once more")
    if not all(isinstance(word, str) for word in given[action]):
        raise InvalidInput(f"the {action} command holds a secret", hint="a secret goes into `environment`")
    previous = json.dumps(_printed(desired), sort_keys=True)
    return Order(
        action,
        given[action],
        token=id,
        environment=_environment(desired),
        files={path: text for path, text in (given.get("files") or {}).items() if isinstance(text, str)},
        stdin=str(given.get("stdin") or "") if action == "create" else previous,
        network=given.get("network") is not False,
        timeout=float(given.get("timeout_s") or 300),
        secrets=_secret_texts(desired),
        silent=action == "read" or bool(given.get("sensitive")),
    )


def _known(given: Mapping[str, Any]) -> dict[str, Any]:
    """Without what an update that failed left unknown."""
    return {name: value for name, value in given.items() if not (isinstance(value, Mapping) and "$unknown" in value)}


def _printed(desired: Desired) -> Any:
    """What it printed last: the object if that is what it was, else the text under `stdout`."""
    if desired.outputs.get("result") is not None:
        return desired.outputs["result"]
    text = desired.outputs.get("stdout") or desired.secrets.get("sensitive_stdout") or ""
    found = _object(text)
    return {"stdout": text} if found is None else found


def _environment(desired: Desired) -> dict[str, str]:
    """Those that were declared; when it is removed the secret ones are known from the state only."""
    kept = json.loads(desired.secrets.get("environment") or "{}")
    declared = _known(desired.properties).get("environment") or {}
    if "$secret" in declared:  # all of it is
        return dict(kept)
    return {**kept, **{name: value for name, value in declared.items() if isinstance(value, str)}}


def _hidden(desired: Desired) -> dict[str, str]:
    """The variables that are secret. What is only read has fingerprints in their place."""
    paths = {path.partition(".")[2] for path in desired.secret_paths if path.startswith("environment")}
    given = _known(desired.properties).get("environment") or {}
    names = {*paths, *(name for name, value in given.items() if not isinstance(value, str))}
    values = _environment(desired)
    return {name: value for name, value in values.items() if "" in names or "$secret" in names or name in names}


def _secret_texts(desired: Desired) -> tuple[str, ...]:
    declared = [_at(desired.properties, path) for path in desired.secret_paths]
    kept = json.loads(desired.secrets.get("environment") or "{}").values()
    return tuple(text for text in (*declared, *kept, desired.secrets.get("sensitive_stdout")) if isinstance(text, str))


def _at(properties: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path. A key may hold dots itself."""
    value: Any = properties
    rest = path
    while rest and isinstance(value, Mapping | list):
        if isinstance(value, list):
            head, _, rest = rest.partition(".")
            value = value[int(head)] if head.isdigit() and int(head) < len(value) else None
            continue
        key = next((key for key in value if rest == key or rest.startswith(f"{key}.")), None)
        if key is None:
            return None
        value, rest = value[key], rest[len(key) + 1 :]
    return value


def _actual(desired: Desired, id: str, printed: str) -> Actual:
    kept = json.dumps(_hidden(desired), sort_keys=True)
    text = printed.removesuffix("\n")
    if desired.properties.get("sensitive"):
        return Actual(id, {"stdout": None, "result": None}, {"sensitive_stdout": text, "environment": kept})
    for secret in _secret_texts(desired):
        if len(secret) > 3 and secret in printed:
            raise OperationFailed("the command printed a secret", hint="set sensitive, or print something else")
    return Actual(
        id, {"stdout": text, "result": _result(desired, printed)}, {"sensitive_stdout": "", "environment": kept}
    )


def _result(desired: Desired, printed: str) -> Any:
    if desired.properties.get("outputs") != "json":
        return None
    found = parsed(printed, "the command")
    if not isinstance(found, dict):
        raise OperationFailed("the command printed JSON that is no object", hint="print one JSON object")
    return found


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = parsed(text, "the command")
    except OperationFailed:
        return None
    return found if isinstance(found, dict) else None
