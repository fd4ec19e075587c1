"""What a provider is told of a resource: every reference resolved, every secret in the clear, in memory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.engine import schema
from roadbed.engine.domain import Recorded, Step
from roadbed.engine.known import output_context
from roadbed.engine.values import Known, record, resolve, reveal
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
        recorded = {name: record(value, self.secrets.fingerprint) for name, value in resolved.items()}
        _check_foreseen(step, recorded)
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


def hidden(desired: Desired) -> list[str]:
    """Every secret that a provider was told."""
    found = [str(value) for path in desired.secret_paths if (value := _at(desired.properties, path)) is not None]
    configured = (desired.configuration or {}).values()
    return [*found, *desired.secrets.values(), *(value for value in configured if isinstance(value, str))]


def _at(value: Any, path: str) -> Any:
    """By the paths of `reveal`, in which a key may hold a dot: then the whole of what is around it."""
    for part in path.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return value
    return value


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
