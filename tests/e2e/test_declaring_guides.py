"""The guides on what a team already has, followed from their first line to their last on a platform that runs."""

from __future__ import annotations

import pytest

from guide_runner import Reader
from live_platform import LivePlatform, StartPlatform

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    return start_platform(ROADBED_RUNTIMES__DEADLINE_S="30")


@pytest.mark.parametrize(
    "guide",
    [
        "deploy-what-you-have",
        "score-on-roadbed",
        "from-heroku-compose-fly",
        "add-a-database",
        "offer-a-building-block",
        "backups-and-rotation",
        "scheduled-jobs",
        "standard-architectures",
    ],
)
def test_a_guide_is_so(platform: LivePlatform, guide: str) -> None:
    folder = platform.folder / guide
    folder.mkdir()
    Reader(platform, folder).follow(guide)
