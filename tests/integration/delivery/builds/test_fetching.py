"""Revisions of git repositories, fetched by git itself from a folder of this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from roadbed.delivery.builds.errors import FetchFailed
from roadbed.delivery.builds.fetching import fetch
from roadbed.delivery.builds.git import read_url
from roadbed.delivery.builds.machine import this_machine
from roadbed.delivery.builds.sources import Sources
from roadbed.kit.errors import InvalidInput


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(home: Path) -> Path:
    """Two commits, the first tagged v1, and all that a repository could have run while it is fetched."""
    folder = home / "repository"
    folder.mkdir(mode=0o755)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "main.py").write_text("print(1)")
    (folder / "left-out.txt").write_text("$Format:%H$")
    (folder / ".gitattributes").write_text("left-out.txt export-ignore export-subst\n*.py filter=evil\n")
    (folder / ".gitmodules").write_text('[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch /tmp/evil"\n')
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    git(folder, "tag", "v1")
    (folder / "main.py").write_text("print(2)")
    git(folder, "commit", "--quiet", "--all", "--message", "two")
    hook = folder / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch /tmp/evil\n")
    hook.chmod(0o755)
    return folder


@pytest.mark.parametrize(("ref", "content"), [("v1", "print(1)"), ("main", "print(2)"), (None, "print(2)")])
async def test_a_revision_is_fetched_whole(home: Path, repository: Path, ref: str | None, content: str) -> None:
    sources = Sources(home)
    wanted = read_url(f"file://{repository}", ref, files=True)
    source, origin = await fetch(sources, home / "builds", this_machine(), wanted)
    tree = sources.tree(source.digest)
    assert (tree / "main.py").read_text() == content
    assert (tree / "left-out.txt").read_text() == "$Format:%H$"
    assert origin.revision == git(repository, "rev-parse", ref or "HEAD")
    assert (origin.kind, origin.ref, origin.url) == ("git", ref, f"file://{repository}")


async def test_a_link_out_of_the_tree_is_refused_as_in_an_upload(home: Path, repository: Path) -> None:
    (repository / "out").symlink_to("/etc/passwd")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "three")
    wanted = read_url(f"file://{repository}", None, files=True)
    with pytest.raises(InvalidInput, match="is a link out of the source tree"):
        await fetch(Sources(home), home / "builds", this_machine(), wanted)


async def test_what_is_not_there_is_said_without_credentials(home: Path, repository: Path) -> None:
    for url, ref in ((f"file://{repository}", "nope"), ("https://ada:sesame@127.0.0.1:1/orders.git", None)):
        with pytest.raises(FetchFailed) as caught:
            await fetch(Sources(home), home / "builds", this_machine(), read_url(url, ref, files=True))
        assert "could not be fetched" in caught.value.message
        assert "sesame" not in caught.value.message
    assert [path.name for path in (home / "builds").iterdir()] == []
