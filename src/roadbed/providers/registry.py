"""Which provider has a resource type.

Providers come in through one door: objects with the Protocol's methods. Built-in ones need the platform's services,
so `main` makes them and hands them over; a plugin names a function without arguments under the entry-point group
`roadbed.providers`, which returns one.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points

from roadbed.kit.errors import Conflict, Problem
from roadbed.providers.driver import Provider, ResourceType
from roadbed.providers.errors import UnknownType

GROUP = "roadbed.providers"

_log = logging.getLogger(__name__)


class Registry(Mapping[str, Provider]):
    """Maps a type (`postgres:Database`) to its provider. `problems` tells of plugins that could not be loaded."""

    def __init__(self, providers: Iterable[Provider], *, problems: Iterable[Problem] = ()) -> None:
        """Raises Conflict when two providers have the same type."""
        self.problems = tuple(problems)
        self._providers: dict[str, Provider] = {}
        for provider in providers:
            self._add(provider)

    def __getitem__(self, type: str) -> Provider:
        """Raises UnknownType, with the nearest names."""
        try:
            return self._providers[type]
        except KeyError:
            raise UnknownType(f"there is no resource type {type!r}", hint=self._advice(type)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._providers))

    def __len__(self) -> int:
        return len(self._providers)

    def type(self, name: str) -> ResourceType:
        """What the engine must know of a type. Raises UnknownType."""
        return self[name].types[name]

    def _add(self, provider: Provider) -> None:
        for name in provider.types:
            if name.partition(":")[0] != provider.name:
                raise Conflict(f"the provider {provider.name!r} may not have the type {name!r}, which is another's")
            if name in self._providers:
                raise Conflict(
                    f"two providers have the resource type {name!r}",
                    hint="uninstall one of the plugins that bring it",
                )
            self._providers[name] = provider

    def _advice(self, type: str) -> str:
        near = difflib.get_close_matches(type, self._providers, 3, cutoff=0.85)  # types of one provider are all alike
        if near := near or difflib.get_close_matches(type, self._providers, 3, cutoff=0.5):
            return f"did you mean {' or '.join(near)}?"
        broken = f"; plugins that failed to load: {len(self.problems)}" if self.problems else ""
        return f"there are: {', '.join(self) or 'none'}{broken}"


def types_of(providers: Mapping[str, Provider]) -> dict[str, ResourceType]:
    """Every type that they know."""
    return {name: provider.types[name] for name, provider in providers.items()}


def with_plugins(built_in: Iterable[Provider], plugins: Iterable[EntryPoint] | None = None) -> Registry:
    """The built-in providers and those of installed plugins. One that fails to load is left out and told of."""
    found, problems = list(built_in), []
    for plugin in entry_points(group=GROUP) if plugins is None else plugins:
        try:
            found.append(plugin.load()())
        except Exception as error:
            _log.exception("the plugin %s could not be loaded", plugin.value)
            problems.append(Problem(f"the plugin {plugin.name} ({plugin.value}) could not be loaded: {error}"))
    return Registry(found, problems=problems)
