"""What belongs to a source, and that the same source always packs to the same bytes."""

from __future__ import annotations

import os
import socket
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.cli.source.archive import packed
from roadbed.cli.source.files import source_files
from roadbed.delivery.builds.archive import unpack
from roadbed.kit.errors import InvalidInput, TooLarge


def plant(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def paths(root: Path) -> list[str]:
    return [file.path for file in source_files(root)]


IGNORES = [
    pytest.param(
        {".gitignore": "*.log\n", "a.log": "", "b.py": "", "x/c.log": ""}, [".gitignore", "b.py"], id="anywhere"
    ),
    pytest.param({".gitignore": "/a\n", "a": "", "x/a": ""}, [".gitignore", "x/a"], id="anchored"),
    pytest.param({".gitignore": "build/\n", "build/a": "", "x/build": ""}, [".gitignore", "x/build"], id="directory"),
    pytest.param(
        {".gitignore": "*.txt\n!keep.txt\n", "a.txt": "", "keep.txt": ""}, [".gitignore", "keep.txt"], id="back in"
    ),
    pytest.param(
        {".gitignore": "*.txt\n", "x/.gitignore": "!b.txt\n", "x/a.txt": "", "x/b.txt": ""},
        [".gitignore", "x/.gitignore", "x/b.txt"],
        id="deeper wins",
    ),
    pytest.param({"x/.gitignore": "/a\n", "a": "", "x/a": ""}, ["a", "x/.gitignore"], id="counts from its own place"),
    pytest.param(
        {".gitignore": "x/\n", "x/.gitignore": "!a\n", "x/a": ""}, [".gitignore"], id="nothing in an ignored one"
    ),
    pytest.param({".git/config": "", "x/.git": "gitdir: /y", "a": ""}, ["a"], id="git's own"),
    pytest.param(
        {".venv/bin/x": "", "node_modules/y/z": "", "p/__pycache__/q.pyc": "", "a": ""}, ["a"], id="by default"
    ),
    pytest.param(
        {".gitignore": "!node_modules/\n", "node_modules/a": ""}, [".gitignore", "node_modules/a"], id="but asked for"
    ),
]


@pytest.mark.parametrize(("files", "kept"), IGNORES)
def test_gitignore(files: dict[str, str], kept: list[str], tmp_path: Path) -> None:
    assert paths(plant(tmp_path, files)) == kept


def test_packing_forgets_times_owners_and_order(tmp_path: Path) -> None:
    first = plant(tmp_path / "first", {"b/c": "2", "a": "1"})
    second = plant(tmp_path / "second", {"a": "1", "b/c": "2"})
    os.utime(second / "a", (1, 1))
    (second / "a").chmod(0o600)
    with packed(first) as one, packed(second) as other:
        assert one.file.read() == other.file.read()


def test_what_arrives(tmp_path: Path) -> None:
    plant(tmp_path, {"run.sh": "#!/bin/sh\n", "x/data": b"\0\1"})
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "x" / "link").symlink_to("../run.sh")
    with packed(tmp_path) as archive, tarfile.open(fileobj=archive.file, mode="r:gz") as tar:
        found = {entry.name: entry for entry in tar}
        assert {name: (entry.mode, entry.mtime, entry.uid) for name, entry in found.items() if entry.isreg()} == {
            "run.sh": (0o755, 0, 0),
            "x/data": (0o644, 0, 0),
        }
        assert found["x/link"].linkname == "../run.sh"
        assert (archive.files, archive.size) == (3, os.fstat(archive.file.fileno()).st_size)


names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=20,
)
trees = st.dictionaries(
    names.filter(lambda name: name not in {".", "..", ".git", ".gitignore", ".venv", ".DS_Store"}).filter(
        lambda name: name not in {"__pycache__", "node_modules"}
    ),
    st.binary(max_size=200),
    min_size=1,
    max_size=5,
)


@given(tree=trees)
def test_every_file_arrives_whole(tree: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    root = plant(tmp_path_factory.mktemp("tree"), tree)
    with packed(root) as archive, tarfile.open(fileobj=archive.file, mode="r:gz") as tar:
        arrived = {}
        for entry in tar:
            content = tar.extractfile(entry)
            assert content is not None
            arrived[entry.name] = content.read()
    assert arrived == tree


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "x/../../outside"])
def test_a_link_that_leaves_is_refused(target: str, tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"x/a": ""})
    plant(tmp_path, {"outside": "secret"})
    (root / "link").symlink_to(target)
    with pytest.raises(InvalidInput, match="leaves the source tree") as caught:
        source_files(root)
    assert caught.value.problem.file == "link"


def test_a_link_through_a_link_that_leaves_is_refused(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {".gitignore": "/way\n", "a": ""})
    (root / "way").symlink_to(tmp_path)
    (root / "link").symlink_to("way/outside")
    with pytest.raises(InvalidInput, match="leaves the source tree"):
        source_files(root)


def test_an_ignored_link_may_point_anywhere(tmp_path: Path) -> None:
    plant(tmp_path, {".gitignore": "/link\n"})
    (tmp_path / "link").symlink_to("/etc")
    assert paths(tmp_path) == [".gitignore"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    plant(tmp_path, {"a": ""})
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert paths(tmp_path) == ["a", "one", "two"]


def test_a_pipe_and_a_socket_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidInput, match="neither a file nor a directory"):
        source_files(tmp_path)
    (tmp_path / "pipe").unlink()
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        with pytest.raises(InvalidInput, match="neither a file nor a directory"):
            source_files(tmp_path)


def test_a_name_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9")).touch()
    with pytest.raises(InvalidInput, match="no UTF-8"):
        source_files(tmp_path)


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J"])
def test_a_name_that_hides_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(InvalidInput, match="can't be shown"):
        source_files(tmp_path)


def test_too_large_names_the_largest_files(tmp_path: Path) -> None:
    plant(tmp_path, {"model.bin": os.urandom(5000), "a": ""})
    with pytest.raises(TooLarge, match=r"over 1\.0 kB") as caught, packed(tmp_path, limit=1000):
        pass
    assert "model.bin (5.0 kB)" in (caught.value.hint or "")


def test_nothing_to_ship(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no source"), packed(tmp_path):
        pass
    with pytest.raises(InvalidInput, match="does not exist"), packed(tmp_path / "nowhere"):
        pass


def test_the_archive_is_the_same_at_another_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {"a": "1"})
    with packed(tmp_path) as archive:
        now = archive.file.read()
    monkeypatch.setattr(time, "time", lambda: 4e9)
    with packed(tmp_path) as archive:
        assert archive.file.read() == now


@given(tree=trees)
def test_the_platform_unpacks_what_was_packed(tree: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Its unpacking trusts nothing; it must still take whatever we send."""
    root, arrived = plant(tmp_path_factory.mktemp("tree"), tree), tmp_path_factory.mktemp("arrived")
    with packed(root) as archive:
        unpack(cast(BinaryIO, archive.file), arrived)
    assert {path.name: path.read_bytes() for path in arrived.iterdir()} == tree
