"""What a command takes for its source: a folder, a revision, an archive, a git URL; and what it refuses."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from roadbed.cli.sending import given_name
from roadbed.cli.source.given import source_of
from roadbed.kit.errors import InvalidInput
from source_archives import packed


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "main.py").write_text("1")
    _git(folder, "init", "--quiet", "--initial-branch", "main")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "one")
    return folder


def test_a_folder_is_taken_as_it_is_and_its_revision_said(repository: Path) -> None:
    with source_of(str(repository)) as given:
        assert (given.kind, given.directory, given.dirty, given.ref) == ("folder", repository, False, "main")
        assert given.said is not None
        assert len(given.said) == 7
    (repository / "new.py").write_text("2")
    with source_of(str(repository)) as given:
        assert given.said is not None
        assert given.said.endswith("with changes that are not committed")
    _git(repository, "tag", "v1.2")
    with source_of(str(repository)) as given:
        assert given.ref == "v1.2"


def test_a_revision_is_what_the_repository_has_of_it(repository: Path) -> None:
    (repository / "main.py").write_text("2")
    with source_of(str(repository), "HEAD") as given:
        assert (given.kind, given.ref, given.dirty, given.leaves_changes) == ("revision", "HEAD", False, True)
        assert given.directory.name == "orders"
        assert (given.directory / "main.py").read_text() == "1"
    assert not given.directory.exists()
    _git(repository, "commit", "--quiet", "--all", "--message", "two")
    with source_of(str(repository), "HEAD~1") as given:
        assert not given.leaves_changes


def test_an_archive_is_laid_out_and_named_by_its_folder(tmp_path: Path) -> None:
    archive = tmp_path / "orders-1.2.tar.gz"
    archive.write_bytes(packed({"orders-1.2/main.py": "1"}))
    with source_of(str(archive)) as given:
        assert (given.kind, given.directory.name) == ("archive", "orders")
        assert (given.directory / "main.py").read_text() == "1"
    archive.write_bytes(packed({"main.py": "1", "b/c": "2"}))
    with source_of(str(archive)) as given:
        assert (given.directory.name, (given.directory / "b/c").read_text()) == ("orders", "2")


@pytest.mark.parametrize("url", ["https://example.org/shop/orders.git#main", "git@example.org:shop/orders.git"])
def test_a_url_is_left_to_the_platform(url: str) -> None:
    with source_of(url, "v1") as given:
        assert (given.kind, given.url, given.ref) == ("git", url, "v1")
    assert given_name(url) == "orders"


@pytest.mark.parametrize(
    ("name", "content", "ref", "message"),
    [
        ("orders.zip", b"PK", None, "is no tar.gz"),
        ("orders.tar.gz", b"nonsense", None, "the archive can't be read"),
        ("orders.tar.gz", packed({"../out": "x"}), None, "leads out of the source tree"),
        ("orders.tar.gz", packed({"a": "x"}), "v1", "is an archive, which has no revisions"),
        ("orders.txt", b"", None, "is a file, no directory"),
        (None, b"", None, "does not exist"),
    ],
    ids=["zip", "nonsense", "hostile", "with a revision", "a file", "nothing"],
)
def test_what_is_no_source_is_said(
    tmp_path: Path, name: str | None, content: bytes, ref: str | None, message: str
) -> None:
    if name is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=message), source_of(str(tmp_path / (name or "nothing")), ref):
        pass


@pytest.mark.parametrize("ref", ["nope", "--output=/tmp/x", "a\nb"])
def test_a_revision_that_is_not_there_is_said(repository: Path, ref: str) -> None:
    with pytest.raises(InvalidInput, match="revision"), source_of(str(repository), ref):
        pass


def test_a_folder_without_a_repository_has_no_revisions(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no revision"), source_of(str(tmp_path), "main"):
        pass
