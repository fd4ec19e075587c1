"""Which ports Traefik gets, kept in a file from one start to the next."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from roadbed.gateway.settings import GatewaySettings
from roadbed.gateway.traefik.config import Ports
from roadbed.storage.ports import LOOPBACK, free_port, is_free

_RELEASE_S = 1.0


class KeptPorts:
    """The ports of the last start. Those that are asked for anew in the settings are not taken from there."""

    def __init__(self, file: Path, settings: GatewaySettings) -> None:
        self._file = file
        self._settings = settings

    def load(self) -> Ports | None:
        """None at the first start, or when the settings have changed since."""
        try:
            kept: dict[str, Any] = json.loads(self._file.read_text())
            if kept.pop("settings") != self._settings.model_dump():
                return None
            return Ports(**{**kept, "pool": tuple(kept["pool"])})
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def keep(self, ports: Ports) -> None:
        aside = self._file.with_suffix(".new")
        aside.write_text(json.dumps({**asdict(ports), "settings": self._settings.model_dump()}))
        aside.rename(self._file)


def choose(settings: GatewaySettings, kept: Ports | None) -> Ports:
    """The kept ports; in the place of one that another program took, the next that is free.

    The pool keeps its numbers, for applications are configured with them: what was taken of it is missing until the
    next start.
    """
    host, first = settings.host, settings.internal_port
    taken: set[int] = set()

    def pick(before: int | None, start: int, address: str = LOOPBACK) -> int:
        keep = before is not None and before not in taken and is_free(before, address)
        port = before if keep and before is not None else free_port(start, host=address, taken=taken)
        taken.add(port)
        return port

    web = pick(kept.web if kept else None, settings.port, host)
    pool = kept.pool if kept else _new_pool(settings, pick)
    taken.update(pool)
    admin = pick(kept.admin if kept else None, first)
    metrics = pick(kept.metrics if kept else None, first)
    return Ports(web, admin, metrics, pool)


def wait_for_release(kept: Ports, host: str) -> None:
    """A process that was killed holds its ports a moment longer than it lives. Blocks a second at most."""
    deadline = time.monotonic() + _RELEASE_S
    addresses = [(kept.web, host), *((port, LOOPBACK) for port in (kept.admin, kept.metrics, *kept.pool))]
    while not all(is_free(port, address) for port, address in addresses) and time.monotonic() < deadline:
        time.sleep(0.02)


def usable(ports: Ports) -> Ports:
    """Without the ports of the pool that another program holds now. Only true while Traefik does not run."""
    return Ports(ports.web, ports.admin, ports.metrics, tuple(port for port in ports.pool if is_free(port)))


def _new_pool(settings: GatewaySettings, pick: Callable[[None, int], int]) -> tuple[int, ...]:
    return tuple(pick(None, settings.internal_port) for _ in range(settings.internal_ports))
