"""All that is known of one resource: what it was declared as, what came of it, what it stands on, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadbed.engine.domain import PLAIN, Options, Source
from roadbed.engine.state.drift import DriftedResource
from roadbed.engine.views import Version
from roadbed.portal.components.plan_diff import Difference, Value, difference, recorded_difference
from roadbed.portal.components.resource_tree import state_of
from roadbed.portal.formatting import SECRET, path_of, recorded, shown, spoken
from roadbed.stacks.domain import ResourceView

_DONE: Mapping[str, str] = {
    "create": "Created",
    "update": "Updated",
    "delete": "Deleted",
    "read": "Read",
    "import": "Imported",
    "forget": "Let go",
    "settle": "Settled",
    "refresh": "Refreshed",
}
_LONG, _LINES = 400, 8


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: Value
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """Another resource: its URN, and how it is called."""

    urn: str
    path: str


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    what: str
    plan: int | None
    differences: tuple[Difference, ...]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ResourcePanel:
    resource: ResourceView
    path: str
    state: str
    place: str | None
    properties: tuple[Fact, ...]
    outputs: tuple[Fact, ...]
    options: tuple[tuple[str, str], ...]
    uses: tuple[Other, ...]
    used_by: tuple[Other, ...]
    drift: DriftedResource | None
    drifted: tuple[Difference, ...]
    events: tuple[Event, ...]


def resource_panel(
    resource: ResourceView,
    everything: Sequence[ResourceView],
    drift: DriftedResource | None,
    versions: Sequence[Version],
) -> ResourcePanel:
    return ResourcePanel(
        resource=resource,
        path=path_of(resource.urn),
        state=drift.state if drift else state_of(resource),
        place=_place(resource.source),
        properties=facts(resource.properties),
        outputs=facts({**resource.outputs, **dict.fromkeys(resource.secret_outputs, SECRET)}),
        options=tuple(_options(resource)),
        uses=_others(resource.depends_on),
        used_by=_others(one.urn for one in everything if resource.urn in one.depends_on),
        drift=drift,
        drifted=tuple(difference(one) for one in (*drift.changes, *drift.outputs)) if drift else (),
        events=tuple(_event(version) for version in versions),
    )


def facts(values: Mapping[str, Any]) -> tuple[Fact, ...]:
    return tuple(_fact(name, spoken(recorded(value))) for name, value in sorted(values.items()))


def _fact(name: str, value: Any) -> Fact:
    text = shown(value)
    short = "\n".join(text[:_LONG].split("\n")[:_LINES])
    return Fact(name, Value(text) if short == text else Value(short + "…", text), secret=value == SECRET)


def _others(urns: Iterable[str]) -> tuple[Other, ...]:
    return tuple(Other(urn, path_of(urn) or urn) for urn in sorted(urns))


def _event(version: Version) -> Event:
    changes = tuple(recorded_difference(one) for one in version.changes)
    error = str((version.error or {}).get("detail") or "it failed") if version.event == "failed" else None
    return Event(version.at, _DONE.get(version.do, version.do), version.plan, changes, error)


def _place(source: Source | None) -> str | None:
    return None if source is None else source.file + (f":{source.line}" if source.line else "")


def _options(resource: ResourceView) -> Iterator[tuple[str, str]]:
    """Those that were set."""
    for name in Options.__slots__:
        value = getattr(resource.options, name)
        if value != getattr(PLAIN, name):
            yield name.replace("_", " "), "yes" if value is True else shown(_plain(value))


def _plain(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, tuple) else value
