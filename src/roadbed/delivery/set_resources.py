"""Resources of an application that somebody set, until its files say the same. Pure.

Such a setting lies over what `roadbed.yaml` says of the name. It gives way to a file that says the same, and to one
that says anything else of the name than it did when the setting was made: then the file is the newer word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self, TypeAlias

from roadbed.kit.errors import Conflict
from roadbed.workload.declarations import declaration_of, read_declaration
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.domain import WorkloadResource

Declared: TypeAlias = Mapping[str, Any]
"""A resource as it would stand in `roadbed.yaml`, without its name."""


@dataclass(frozen=True, slots=True)
class SetResource:
    """`declared` None: it is taken away. `over` is what the file said when it was set, `by` who set it, at `at`."""

    declared: Declared | None
    over: Declared | None
    by: str
    at: str

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def resource(self, name: str) -> WorkloadResource | None:
        """Its place is who set it. Raises InvalidInput for what is wrong in it."""
        return None if self.declared is None else read_declaration(name, self.declared, file=f"set by {self.by}")


SetResources: TypeAlias = Mapping[str, SetResource]


def read_set_resources(document: Mapping[str, Any]) -> dict[str, SetResource]:
    """Those of stored settings; what was stored before there were any has none."""
    return {name: SetResource.from_dict(each) for name, each in document.get("resources", {}).items()}


def declared_in(source: ApplicationSource) -> dict[str, Declared]:
    """What `roadbed.yaml` says, or this source with what was set over it."""
    return {name: declaration_of(each) for name, each in source.common.resources.items()}


def with_set(source: ApplicationSource, settings: SetResources) -> ApplicationSource:
    if not settings:
        return source
    resources = dict(source.common.resources)
    for name, setting in settings.items():
        resource = setting.resource(name)
        if resource is None:
            resources.pop(name, None)
        else:
            resources[name] = resource
    return replace(source, common=replace(source.common, resources=resources))


def standing(settings: SetResources, source: ApplicationSource) -> dict[str, SetResource]:
    """Those that go on over a source: it says of their names what it did, and not what they say."""
    said = declared_in(source)
    return {
        name: setting
        for name, setting in settings.items()
        if said.get(name) == setting.over and said.get(name) != setting.declared
    }


def refuse_if_changed(name: str, expected: Declared | None, source: ApplicationSource, settings: SetResources) -> None:
    """Raises Conflict where the name says something else than whoever set it has seen."""
    if declared_in(with_set(source, settings)).get(name) == expected:
        return
    by = f", by {settings[name].by}" if name in settings else ""
    if expected is None:
        taken = f"there is a resource {name!r} already: it was added meanwhile{by}"
        raise Conflict(taken, hint="choose another name for yours, if it isn't the one that you want")
    raise Conflict(
        f"{name} was changed meanwhile{by}", hint=f"look at it (roadbed resource show {name}), and try again"
    )
