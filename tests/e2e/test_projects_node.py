"""Projects of Node, deployed as their teams have them: each answers over the gateway, and anew when it is changed."""

from __future__ import annotations

import re

import pytest

from live_platform import LivePlatform, StartPlatform
from wild_projects import Project, second_deploy_installs_nothing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    """One for all projects of this module."""
    return start_platform(ROADBED_RUNTIMES__DEADLINE_S="30")


def test_express(platform: LivePlatform) -> None:
    project = Project(platform, "express")
    project.deploy()
    assert project.post("notes", {"text": "first"}).json == {"number": 1}
    assert project.get("notes").json == {"notes": ["first"]}
    second_deploy_installs_nothing(project, "server.js", "Hello from Express")


def test_a_node_procfile_of_several_processes(platform: LivePlatform) -> None:
    project = Project(platform, "node-procfile")
    project.deploy("--yes")
    assert project.processes() == {"web", "worker"}
    job = project.post("shout", b"mind the gap").json["job"]
    project.wait_for(f"shout/{job}", "result", "MIND THE GAP")
    second_deploy_installs_nothing(project, "web.js", "Hello from two processes")


def test_a_static_site_built_by_vite(platform: LivePlatform) -> None:
    project = Project(platform, "vite")
    project.deploy()
    page = project.get()
    assert page.headers["content-type"].startswith("text/html")
    script, style = (re.search(rf'"/(assets/[\w-]+\.{kind})"', page.body.decode()) for kind in ("js", "css"))
    assert script
    assert style
    assert "Hello from Vite" in project.get(script[1]).body.decode()
    assert project.get(style[1]).headers["content-type"].startswith("text/css")
    assert project.get("mark.svg").headers["content-type"] == "image/svg+xml"
    project.change("src/greeting.js", "Hello from Vite", "Hello again")
    project.deploy()
    changed = re.search(r'"/(assets/[\w-]+\.js)"', project.get().body.decode())
    assert changed
    assert "Hello again" in project.get(changed[1]).body.decode()
    assert "Installing" not in project.log_of_deploy()
