"""What a provider is told of a resource: every reference resolved, every secret in the clear, in memory only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.engine.domain import Recorded, Step
from roadbed.engine.expressions.sizes import MAX_PROPERTIES, is_larger, too_large, weight
from roadbed.engine.expressions.values import Known, record, resolve, reveal
from roadbed.engine.known import output_context
from roadbed.engine.planning import schema
from roadbed.kit.errors import Conflict, InvalidInput
from roadbed.providers.driver import Desired, ResourceType
from roadbed.secrets.service import Secrets


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is handed to the provider, and what of it is recorded."""

    desired: Desired
    recorded: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Desiring:
    """Makes `Desired`s of one stack. `state` goes on changing while an apply runs."""

    stack: str
    state: Mapping[str, Recorded]
    known: Known
    secrets: Secrets
    owner: str | None = None
    release: int | None = None

    def of_step(self, step: Step, type: ResourceType, prior: Recorded | None, token: str) -> Wanted:
        """Raises Conflict when it is not what the plan showed, InvalidInput when a value breaks the type's schema."""
        resolved = {name: resolve(value, self.known) for name, value in step.properties.items()}
        referring = resolved != step.properties
        if referring and weight(resolved, MAX_PROPERTIES) > MAX_PROPERTIES:  # before anything is made of it
            raise too_large(step.urn, step.source)
        recorded = {name: record(value, self.secrets.fingerprint) for name, value in resolved.items()}
        _check_foreseen(step, recorded)
        if referring and is_larger(recorded, MAX_PROPERTIES):
            raise too_large(step.urn, step.source)
        properties, secret_paths = reveal(resolved)
        _check_learnt(step, type, properties, secret_paths)
        desired = Desired(
            urn=step.urn,
            type=step.type,
            name=step.name,
            stack=self.stack,
            properties=properties,
            secret_paths=secret_paths,
            release=self.release,
            owner=self.owner,
            previous=prior.properties if prior else None,
            token=token,
            outputs=prior.outputs if prior else {},
            secrets=self.unsealed(prior) if prior else {},
            configuration=self.configuration(step.options.provider),
        )
        return Wanted(desired, recorded)

    def of_row(self, row: Recorded) -> Desired:
        """Of something that is only read or deleted: as it is recorded, with fingerprints for secrets."""
        return Desired(
            urn=row.urn,
            type=row.type,
            name=row.name,
            stack=self.stack,
            properties=row.properties,
            owner=self.owner,
            previous=row.properties,
            token=row.token,
            outputs=row.outputs,
            secrets=self.unsealed(row),
            configuration=self.configuration(row.options.provider),
        )

    def hidden(self, desired: Desired, provider: str | None) -> list[str]:
        """Every secret that a provider was told. `provider` is the URN of what configures it."""
        found = [text for path in desired.secret_paths for text in _at(desired.properties, path)]
        configured = self.state.get(provider) if provider else None
        told = self.unsealed(configured) if configured else {}
        return [*found, *desired.secrets.values(), *told.values()]

    def unsealed(self, row: Recorded) -> dict[str, str]:
        opened = self.secrets.open
        return {name: opened(sealed, context=output_context(row.urn, name)) for name, sealed in row.sealed.items()}

    def sealed(self, urn: str, secrets: Mapping[str, str]) -> dict[str, str]:
        seal = self.secrets.seal
        return {name: seal(value, context=output_context(urn, name)) for name, value in secrets.items()}

    def configuration(self, provider: str | None) -> Mapping[str, Any] | None:
        """The outputs of the resource that configures the provider, the secret ones too."""
        if provider is None:
            return None
        row = self.state.get(provider)
        if row is None or row.broken:
            raise InvalidInput(f"{provider}, which configures the provider, is not there", hint="apply that one first")
        return {**row.outputs, **self.unsealed(row)}


def plain(desired: Desired) -> object:
    """What a provider was told that is no secret."""
    return desired.urn, _without(desired.properties, "", desired.secret_paths)


def _without(value: Any, path: str, secrets: frozenset[str]) -> Any:
    if path in secrets:
        return None
    if isinstance(value, Mapping):
        return {key: _without(item, f"{path}.{key}" if path else key, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, f"{path}.{index}", secrets) for index, item in enumerate(value)]
    return value


def _at(value: Any, path: str) -> Iterator[str]:
    """The text at a path of `reveal`, in which a key may hold a dot."""
    if not path:
        if isinstance(value, str):
            yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if path == key or path.startswith(f"{key}."):
                yield from _at(item, path[len(key) + 1 :])
    elif isinstance(value, list):
        index, _, rest = path.partition(".")
        if index.isdigit() and int(index) < len(value):
            yield from _at(value[int(index)], rest)


def _check_foreseen(step: Step, now: Mapping[str, Any]) -> None:
    """What the plan showed must be what is applied; only what it called unknown may differ."""
    for name, foreseen in step.after.items():
        if not _agrees(foreseen, now.get(name)):
            raise Conflict(
                f"{name!r} of {step.urn} is no longer what the plan showed",
                hint="make a new plan and apply that one",
            )


def _check_learnt(step: Step, type: ResourceType, properties: Mapping[str, Any], secrets: frozenset[str]) -> None:
    """What was unknown when the plan was made is held against its schema now."""
    learnt = {name: properties[name] for name, value in step.after.items() if _holds_unknown(value)}
    if learnt and (wrong := list(schema.wrong_resolved(type, learnt, secrets))):
        raise InvalidInput(f"{step.urn}: {'; '.join(wrong)}", hint="see what it refers to")


def _holds_unknown(value: Any) -> bool:
    match value:
        case str() | int() | float() | None:
            return False
        case {"$unknown": _}:
            return True
        case Mapping():
            return any(map(_holds_unknown, value.values()))
        case list():
            return any(map(_holds_unknown, value))
        case _:
            return False


def _agrees(foreseen: Any, now: Any) -> bool:
    """Whether a recorded value is the one that was foreseen; what was unknown agrees with anything."""
    if foreseen == now:
        return True
    match foreseen:
        case {"$unknown": _}:
            return True
        case Mapping():
            return (
                isinstance(now, Mapping)
                and foreseen.keys() == now.keys()
                and all(_agrees(item, now[key]) for key, item in foreseen.items())
            )
        case list():
            return isinstance(now, list) and len(foreseen) == len(now) and all(map(_agrees, foreseen, now))
        case _:
            return False
