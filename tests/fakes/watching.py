"""Somebody who follows an apply, remembers nothing and wishes nothing: what a test looks at, it overrides."""

from __future__ import annotations

from roadbed.engine.domain import Step
from roadbed.kit.errors import RoadbedError


class Silent:
    """A `Watcher`."""

    def began(self, step: Step) -> None: ...

    def ended(self, step: Step, error: RoadbedError | None) -> None: ...

    def said(self, step: Step, text: str) -> None: ...

    async def flush(self) -> None: ...

    async def check_cancelled(self) -> None: ...
