"""Projects of Python, deployed as their teams have them: each answers over the gateway, and anew when it is changed."""

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


def test_fastapi_with_nothing_but_its_code(platform: LivePlatform) -> None:
    project = Project(platform, "fastapi")
    assert project.deploy()["release"] == "v1"
    assert project.get().json == {"message": "Hello from FastAPI"}
    assert project.get("quotes/1").json == {"text": "Simple is better than complex."}
    assert project.get("quotes/2").status == 404
    assert project.get("openapi.json").json["info"]["title"] == "quotes"
    second_deploy_installs_nothing(project, "main.py", "Hello from FastAPI")


def test_flask_with_a_procfile_a_worker_and_a_release_phase(platform: LivePlatform) -> None:
    project = Project(platform, "flask-procfile")
    project.deploy("--yes")
    said = platform.roadbed("logs", "flask-procfile").stdout
    assert "the table is there" in said  # the release phase ran
    made = project.post("orders", {"item": "sleepers"})
    assert made.status == 201
    project.wait_for(f"orders/{made.json['id']}", "packed", value=True)  # by the worker, over the same database
    second_deploy_installs_nothing(project, "app.py", "Hello from Flask")
    assert project.get(f"orders/{made.json['id']}").json == {"item": "sleepers", "packed": True}


def test_django_with_migrations_and_static_files(platform: LivePlatform) -> None:
    project = Project(platform, "django")
    project.deploy("--yes")
    names = [item["name"] for item in project.get("products/").json["items"]]
    assert names == ["Rail", "Sleeper"]  # the migrations ran
    [style] = re.findall(r'href="/(static/products/shop\.\w+\.css)"', project.get().body.decode())
    assert "rebeccapurple" in project.get(style).body.decode()  # collected, and named by its content
    second_deploy_installs_nothing(project, "products/views.py", "Hello from Django")


def test_a_celery_worker_with_valkey(platform: LivePlatform) -> None:
    project = Project(platform, "celery")
    project.deploy("--yes")
    task = project.post("sums?a=2&b=40").json["task"]
    project.wait_for(f"sums/{task}", "result", 42)
    second_deploy_installs_nothing(project, "main.py", "Hello from Celery")
