"""What keepers and jobs work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from roadbed.control.events import Events
from roadbed.gateway.domain import Backend
from roadbed.kit.access import system
from roadbed.kit.clock import Clock
from roadbed.runtimes.driver import Driver
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call
from roadbed.storage.database import Database

ME = system("runtimes")
"""In whose name they act."""


class Router(Protocol):
    """The part of `gateway.service.Gateway` that is needed to move traffic."""

    async def set_backends(self, call: Call, service: str, backends: Sequence[Backend]) -> None:
        """Returns once requests are shown to go to exactly these."""
        ...

    def pid(self) -> int | None:
        """Its process on this machine."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What all keepers share."""

    database: Database
    driver: Driver
    router: Router
    secrets: Secrets
    events: Events
    clock: Clock
    settings: RuntimeSettings
