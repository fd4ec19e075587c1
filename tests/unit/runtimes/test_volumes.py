"""Volumes: folders that nothing leads out of."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadbed.runtimes.domain import user_of
from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.volume_sizes import VolumeSizes, fullness, is_over, size_in_bytes
from roadbed.runtimes.volumes import Volumes, volume_source

STACK = "orders@dev"
SOURCE = f"{STACK}/data-1"


@pytest.fixture
def volumes(tmp_path: Path) -> Volumes:
    made = Volumes(tmp_path)
    made.make(SOURCE)
    return made


def test_it_belongs_to_the_stacks_user_and_keeps_what_is_in_it(volumes: Volumes, tmp_path: Path) -> None:
    folder = volumes.folder(STACK, SOURCE)
    assert folder == tmp_path / "volumes" / SOURCE
    assert folder.stat().st_uid in (user_of(STACK), tmp_path.stat().st_uid)
    (folder / "kept").write_text("x" * 5000)
    volumes.make(SOURCE)
    assert volumes.size(SOURCE) == VolumeSizes(tmp_path).held(SOURCE) >= 5000
    assert volumes.exists(SOURCE)
    volumes.remove(SOURCE)
    volumes.remove(SOURCE)
    assert not volumes.exists(SOURCE)
    assert list((tmp_path / "volumes").iterdir()) == []


def test_removing_it_follows_no_link(volumes: Volumes, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("here")
    (volumes.folder(STACK, SOURCE) / "out").symlink_to(tmp_path)
    volumes.remove(SOURCE)
    assert (tmp_path / "precious").read_text() == "here"


def test_a_path_within_is_made_once(volumes: Volumes) -> None:
    folder = volumes.folder(STACK, SOURCE, "a/b")
    (folder / "a" / "b" / "kept").touch()
    assert volumes.folder(STACK, SOURCE, "./a/b/") == folder == volumes.folder(STACK, SOURCE)
    assert [path.name for path in (folder / "a" / "b").iterdir()] == ["kept"]


@pytest.mark.parametrize(
    ("stack", "source", "path", "message"),
    [
        (STACK, "/etc", "", "'/etc' is not a volume"),
        (STACK, f"{STACK}/../x", "", "is not a volume"),
        (STACK, "volume.default#web.data", "", "is not a volume"),
        ("shop@dev", SOURCE, "", "is not one of shop@dev"),
        (STACK, f"{STACK}/gone-1", "", "is gone from this machine"),
        (STACK, SOURCE, "../other", "leads out of its volume"),
        (STACK, SOURCE, "/etc", "leads out of its volume"),
        (STACK, SOURCE, "link/etc", "'link' in the volume is no folder, but a file or a link"),
        (STACK, SOURCE, "file", "'file' in the volume is no folder, but a file or a link"),
    ],
)
def test_what_is_refused(volumes: Volumes, stack: str, source: str, path: str, message: str) -> None:
    folder = volumes.folder(STACK, SOURCE)
    (folder / "link").symlink_to("/")
    (folder / "file").touch()
    with pytest.raises(InvalidService, match=message):
        volumes.folder(stack, source, path)


def test_each_creation_has_a_volume_of_its_own() -> None:
    urn = f"{STACK}/web/data#runtime:Volume"
    assert volume_source(STACK, "data", urn, "t1") == volume_source(STACK, "data", urn, "t1")
    assert volume_source(STACK, "data", urn, "t1") != volume_source(STACK, "data", urn, "t2")
    assert volume_source(STACK, "a b/c", urn, "t1").startswith(f"{STACK}/a-b-c-")


@pytest.mark.parametrize(
    ("size", "expected"), [(7, 7), ("512", 512), ("1K", 1000), ("1Ki", 1024), ("1.5Mi", 1_572_864), ("2G", 2 * 10**9)]
)
def test_a_size_in_bytes(size: str | int, expected: int) -> None:
    assert size_in_bytes(size) == expected


@pytest.mark.parametrize(
    ("held", "size", "expected"),
    [
        (1_572_864, None, "1.5 MB"),
        (1_572_864, "10Mi", "1.5 MB of 10Mi"),
        (1_572_864, "1Mi", "1.5 MB, more than its size of 1Mi: nothing stops it"),
    ],
)
def test_how_full_it_is(held: int, size: str | None, expected: str) -> None:
    assert fullness(held, size) == expected


@pytest.mark.parametrize(("held", "over"), [(0, False), (2**20, False), (2**20 + 1, True)])
def test_a_volume_is_over_its_size_beyond_it(held: int, over: bool) -> None:
    assert is_over(held, "1Mi") is over
