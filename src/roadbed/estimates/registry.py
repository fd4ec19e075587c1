"""Which estimator a type has. Those of installed packages come in by the entry-point group `roadbed.estimators`."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points

from roadbed.estimates.estimators import clouds, platform
from roadbed.sdk.usage import Estimator

GROUP = "roadbed.estimators"

_log = logging.getLogger(__name__)


class Estimators(Mapping[str, Estimator]):
    """By type. A cloud's type is known whatever provider has it."""

    def __init__(self, *groups: Mapping[str, Estimator]) -> None:
        """What comes later goes before what came earlier."""
        self._known = {name: one for group in groups for name, one in group.items()}

    def __getitem__(self, type: str) -> Estimator:
        return self._known[type] if type in self._known else self._known[clouds.plain(type)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def estimators(plugins: Iterable[EntryPoint] | None = None) -> Estimators:
    """Those that ship, and those of installed packages over them. One that can't be loaded is left out and told of."""
    found = dict[str, Estimator]()
    for plugin in entry_points(group=GROUP) if plugins is None else plugins:
        try:
            found[plugin.name] = plugin.load()
        except Exception:
            _log.exception("the estimator %s could not be loaded", plugin.value)
    return Estimators(platform.ESTIMATORS, clouds.ESTIMATORS, found)
