"""The platform repo: written once, then read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fakes.access import OWNER, allow, refuse
from roadbed.kit.errors import InvalidInput, NotFound, Unauthenticated, Unavailable
from roadbed.platform.repo import PlatformRepo
from roadbed.platform.service import Platform
from roadbed.storage.call import Call
from roadbed.storage.database import Database


def test_the_first_start_commits_the_starter(home: Path) -> None:
    repo = PlatformRepo(home / "platform")
    assert repo.ensure()
    assert not repo.ensure()
    git = ["git", "-c", f"safe.directory={repo.folder}", "-C", str(repo.folder)]
    log = subprocess.run([*git, "log", "--format=%an %s"], capture_output=True, text=True, check=True)
    assert log.stdout.startswith("Roadbed Begin with")
    status = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    assert status.stdout == ""
    assert (repo.folder / "templates/python-api/skeleton/.gitignore").is_file()
    assert [entry.name for entry in home.iterdir()] == ["platform"]


def test_a_folder_that_is_no_repository_is_left_alone(home: Path) -> None:
    (home / "platform").mkdir()
    (home / "platform/notes").write_text("mine")
    with pytest.raises(InvalidInput, match="is no git repository"):
        PlatformRepo(home / "platform").ensure()
    assert (home / "platform/notes").read_text() == "mine"


def test_a_machine_without_git_is_told_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unavailable, match="git is not installed"):
        PlatformRepo(home / "platform").ensure()
    assert list(home.iterdir()) == []


def test_the_revision_follows_the_programs(home: Path) -> None:
    repo = PlatformRepo(home / "platform")
    repo.ensure()
    before = repo.revision()
    (repo.folder / "README.md").write_text("nothing that decides anything")
    assert repo.revision() == before
    (repo.folder / "provisioners/more.py").write_text("")
    assert repo.revision() != before


async def test_environments_are_shown_to_those_who_may_see_them(home: Path, database: Database) -> None:
    platform = Platform(home, allow)
    await platform.ensure_repository()
    async with database.call(OWNER) as call:
        assert [one.name for one in await platform.environments(call)] == ["dev", "staging", "prod"]
        assert (await platform.environment(call, "prod")).kind == "production"
        with pytest.raises(NotFound) as caught:
            await platform.environment(call, "pord")
        assert caught.value.hint == "did you mean 'prod'?"
        assert await Platform(home, refuse).environments(call) == []


def test_a_typo_leaves_the_environments_as_they_were(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    repo = PlatformRepo(home / "platform")
    repo.ensure()
    file = repo.folder / "environments.yaml"
    file.write_text(file.read_text() + "  late: {kind: test}\n")
    assert list(repo.environments()) == ["dev", "staging", "prod", "late"]
    file.write_text("environments: [")
    assert list(repo.environments()) == list(repo.environments()) == ["dev", "staging", "prod", "late"]
    (record,) = caplog.records
    assert "environments.yaml:2:1" in record.getMessage()


def test_a_typo_at_the_start_leaves_what_is_committed(home: Path) -> None:
    PlatformRepo(home / "platform").ensure()
    repo = PlatformRepo(home / "platform")
    (repo.folder / "environments.yaml").write_text("environments: [")
    assert list(repo.environments()) == ["dev", "staging", "prod"]


def test_without_anything_that_can_be_read_the_typo_is_named(home: Path) -> None:
    repo = PlatformRepo(home / "platform")
    repo.folder.mkdir()
    (repo.folder / "environments.yaml").write_text("environments: [")
    with pytest.raises(InvalidInput, match=r"^environments\.yaml:2:1"):
        repo.environments()


async def test_nobody_gets_nothing(home: Path, database: Database) -> None:
    platform = Platform(home, allow)
    await platform.ensure_repository()
    async with database.session() as session:
        nobody = Call(session, None)
        for asked in (
            platform.environments(nobody),
            platform.environment(nobody, "dev"),
            platform.revision(nobody),
            platform.provision(nobody, {}),
            platform.ask_policies(nobody, "judge", {}, []),
            platform.packs(nobody),
            platform.policies_file(nobody),
            platform.kinds(nobody),
        ):
            with pytest.raises(Unauthenticated):
                await asked
