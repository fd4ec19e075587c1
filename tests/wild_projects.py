"""The projects of `tests/projects`, deployed to a real platform as their teams would, and called over the gateway."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from live_platform import Answer, LivePlatform, call, wait_for

PROJECTS = Path(__file__).parent / "projects"


@dataclass
class Project:
    """A copy of a project's folder. `name` is the folder's, and the application's where no file says another."""

    platform: LivePlatform
    name: str
    url: str = ""
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.platform.folder / self.name
        shutil.copytree(PROJECTS / self.name, self.folder)

    def deploy(self, *options: str) -> Any:
        """`roadbed deploy …`; with `--yes` what is proposed for it is taken. Gives what the command prints."""
        done = self.platform.json("deploy", self.folder, *options)
        self.url = done["url"]
        return done

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new))

    def log_of_deploy(self) -> str:
        """What the newest operation told, all its steps."""
        operation = self.platform.items("ops")[0]["id"]
        done = self.platform.roadbed("ops", "show", operation, "-v")
        return done.stdout + done.stderr

    def get(self, path: str = "") -> Answer:
        return call(self.url + path)

    def post(self, path: str, body: Any = None) -> Answer:
        return call(self.url + path, "POST", body)

    def wait_for(self, path: str, key: str, value: Any) -> None:
        """Until the answer's `key` is so."""
        wait_for(lambda: self.get(path).json.get(key) == value, f"{key} = {value!r} of /{path}")

    def processes(self) -> set[str]:
        """The workloads that have a replica which is ready."""
        found = self.platform.items("ps", self.name)
        return {one["workload"] for one in found if one["state"] == "ready"}


def second_deploy_installs_nothing(project: Project, file: str, greeting: str) -> None:
    """A change of code alone: it answers anew, and nothing was installed for it."""
    project.change(file, greeting, f"{greeting}, again")
    assert "Installing" in project.log_of_deploy(), "the first deploy told that it installed"
    assert project.deploy()["release"] == "v2"
    assert f"{greeting}, again" in project.get().body.decode()
    log = project.log_of_deploy()
    assert "Building" in log
    assert "Installing" not in log
