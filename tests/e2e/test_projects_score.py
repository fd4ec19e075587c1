"""Score applications, deployed as they are: each answers over the gateway, and anew when it is changed."""

from __future__ import annotations

import pytest

from live_platform import LivePlatform, StartPlatform
from wild_projects import Project, second_deploy_installs_nothing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    """One for all projects of this module."""
    return start_platform(ROADBED_RUNTIMES__DEADLINE_S="30")


def test_two_workloads_with_a_service_port_between_them(platform: LivePlatform) -> None:
    project = Project(platform, "two-workloads")
    project.deploy()
    expected = {"message": "Hello from two workloads", "books": ["Permanent Way"], "count": 1}
    assert project.get().json == expected
    second_deploy_installs_nothing(project, "shelf/server.py", "Hello from two workloads")
