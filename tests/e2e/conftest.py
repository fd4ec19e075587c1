"""A real platform for a worker's whole run. Tests that break one start their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from live_platform import OWNER, LivePlatform, StartPlatform, live_platform

_PORTS = 9_000
"""Where ports begin; each worker has a thousand, each of its platforms ten. One that is taken is passed over."""
_numbers = count()


def start(stack: ExitStack, run_folder: Path, **settings: str) -> LivePlatform:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    number = next(_numbers)
    folder = run_folder / f"live-{worker}-{number}"
    return stack.enter_context(live_platform(folder, _PORTS + worker * 1_000 + number % 10 * 20, **settings))


@pytest.fixture(scope="session")
def platform(run_folder: Path) -> Iterator[LivePlatform]:
    """One that runs, with a short deadline for new replicas. Leave it as it is."""
    with ExitStack() as stack:
        yield start(stack, run_folder, ROADBED_RUNTIMES__DEADLINE_S="20")


@pytest.fixture(scope="module")
def start_platform(run_folder: Path) -> Iterator[StartPlatform]:
    """Starts platforms of the module's own."""
    with ExitStack() as stack:
        yield lambda **settings: start(stack, run_folder, **settings)


@pytest.fixture(scope="session")
def orders(platform: LivePlatform) -> str:
    """The URL of `orders`, made from the golden path; its source is in `orders` below the platform's folder."""
    made = platform.json("new", "python-api", "orders", "--owner", OWNER)
    url: str = made["url"]
    return url
