"""Applications, their settings and their releases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self, TypeAlias

from roadbed.delivery.builds.domain import Origin
from roadbed.delivery.set_resources import Declared, SetResources, read_set_resources, standing
from roadbed.kit.errors import InvalidInput
from roadbed.workload.declared import ApplicationSource

ReleaseStatus: TypeAlias = Literal["deploying", "active", "superseded", "failed"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator sets of one application in one environment, over what its files declare.

    `secrets` names the stored value of each secret variable, by its id. `restarted` marks a workload whose replicas are
    to be made anew. `needs` are the names of those that were accepted of a tree without a Score file, `resources` those
    that were added, changed or taken away, by name.
    """

    config: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    scale: Mapping[str, int] = field(default_factory=dict)
    restarted: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    resources: SetResources = field(default_factory=dict)

    @property
    def taken(self) -> frozenset[str]:
        """The resources that were taken away, and not accepted again since."""
        return frozenset(name for name, each in self.resources.items() if each.declared is None) - {*self.needs}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        needs = tuple(document.get("needs", ()))
        return cls(**{**document, "needs": needs, "resources": read_set_resources(document)})

    def to_dict(self) -> dict[str, Any]:
        named = {name: dict(getattr(self, name)) for name in ("config", "secrets", "scale", "restarted")}
        resources = {name: each.to_dict() for name, each in self.resources.items()}
        return {**named, "needs": list(self.needs), "resources": resources}

    def with_secrets_of(self, today: Settings) -> Settings:
        """These settings, each secret with its value of today: going back revives no old password.

        A secret that was set as a plain variable since is that variable; one that was unset since stays unset.
        """
        secrets = {name: stored for name, stored in today.secrets.items() if name in self.secrets}
        plain = {name: value for name, value in today.config.items() if name in self.secrets}
        return replace(self, secrets=secrets, config={**self.config, **plain})

    def over(self, source: ApplicationSource) -> Settings:
        """These settings over a source: without what its files say otherwise since, or say the same."""
        return replace(self, resources=standing(self.resources, source))


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What one command changes. A variable is either plain or secret, so that setting one unsets the other. What was
    accepted once of the needs stays so, until that is taken away: it may hold data.

    `seal` gives the ids of stored secrets: an operation's input holds no value. `expected` says of each of `resources`
    what it was when the change was asked for.
    """

    set: Mapping[str, str] = field(default_factory=dict)
    seal: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    scale: Mapping[str, int] = field(default_factory=dict)
    restart: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    resources: SetResources = field(default_factory=dict)
    expected: Mapping[str, Declared | None] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        listed = {name: tuple(document.get(name, ())) for name in ("unset", "needs")}
        return cls(**{**document, **listed, "resources": read_set_resources(document)})

    def to_dict(self) -> dict[str, Any]:
        return {
            "set": dict(self.set),
            "seal": dict(self.seal),
            "unset": list(self.unset),
            "scale": dict(self.scale),
            "restart": dict(self.restart),
            "needs": list(self.needs),
            "resources": {name: each.to_dict() for name, each in self.resources.items()},
            "expected": dict(self.expected),
        }

    def apply(self, settings: Settings) -> Settings:
        gone = {*self.unset, *self.set, *self.seal}
        taken = {name for name, each in self.resources.items() if each.declared is None}
        return replace(
            settings,
            config={**_without(settings.config, gone), **self.set},
            secrets={**_without(settings.secrets, gone), **self.seal},
            scale={**settings.scale, **self.scale},
            restarted={**settings.restarted, **self.restart},
            needs=tuple(name for name in dict.fromkeys((*settings.needs, *self.needs)) if name not in taken),
            resources={**settings.resources, **self.resources},
        )


def _without(values: Mapping[str, str], gone: set[str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name not in gone}


@dataclass(frozen=True, slots=True)
class Release:
    """One version of an application in one environment. Immutable but for its status and outcome. `origin` is where its
    source came from.
    """

    stack: str
    number: int
    status: ReleaseStatus
    source: str
    build: str
    settings: Settings
    plan: int
    created_at: datetime
    created_by: str
    operation: str
    message: str | None = None
    outcome: str | None = None
    rollback_of: int | None = None
    ended_at: datetime | None = None
    sandboxed: bool = True
    origin: Origin = field(default_factory=Origin)

    @property
    def name(self) -> str:
        return f"v{self.number}"


RESERVED = frozenset({"PORT", "HOME"})
"""What the platform itself tells a replica, beside all that begins with `ROADBED_`."""


def check_variable_names(names: Iterable[str]) -> None:
    """Raises InvalidInput for what can't be the name of a variable, or is the platform's to set."""
    for name in names:
        if not name or "=" in name or not name.isprintable() or len(name) > 255:
            raise InvalidInput(f"{name!r} can't be the name of a variable", hint="use letters, digits and underscores")
        if name in RESERVED or name.startswith("ROADBED_"):
            raise InvalidInput(f"{name} is set by the platform", hint="choose another name")
