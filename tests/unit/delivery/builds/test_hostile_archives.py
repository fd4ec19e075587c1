"""Uploads that are not what they should be: refused, with nothing outside of the folder touched."""

from __future__ import annotations

import contextlib
import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadbed.delivery.builds.archive import Limits, digest_of, unpack
from roadbed.kit.errors import InvalidInput, TooLarge
from source_archives import member, packed, packed_members

SMALL = Limits(packed=100_000, unpacked=10_000, files=20)
LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE


def _unpack(content: bytes, folder: Path, limits: Limits = SMALL) -> Path:
    tree = folder / "tree"
    tree.mkdir()
    unpack(io.BytesIO(content), tree, limits)
    return tree


HOSTILE = {
    "absolute": ([member("/etc/passwd")], "leads out of the source tree"),
    "dots": ([member("a/../../b")], "leads out of the source tree"),
    "device": ([member("null", kind=tarfile.CHRTYPE)], "is no file, folder or link"),
    "pipe": ([member("pipe", kind=tarfile.FIFOTYPE)], "is no file, folder or link"),
    "newline": ([member("a\nb")], "is no name for a file here"),
    "escape sequence": ([member("a\x1b[31m")], "is no name for a file here"),
    "not unicode": ([member("a\udcff")], "is no name for a file here"),
    "long name": ([member("a" * 300)], "is too long a name for a file"),
    "twice": ([member("a"), member("a")], "holds 'a' twice"),
    "file below a file": ([member("a"), member("a/b")], "below 'a', which is no folder"),
    "folder over a file": ([member("a"), member("a", kind=tarfile.DIRTYPE)], "below 'a', which is no folder"),
    "absolute link": ([member("a", kind=LINK, link="/etc")], "is a link out of the source tree"),
    "link to itself": ([member("a", kind=LINK, link="a")], "'a' is a link that leads in a circle"),
    "links to each other": (
        [member("a", kind=LINK, link="b"), member("b", kind=LINK, link="a")],
        "'a' is a link that leads in a circle",
    ),
    "link out": ([member("a", kind=LINK, link="../x")], "is a link out of the source tree"),
    "file through a link": ([member("a", kind=LINK, link="b"), member("a/c")], "below 'a', which is no folder"),
    "link through a link": (
        [member("d/e", kind=LINK, link="../."), member("x", kind=LINK, link="d/e/../..")],
        "'x' is a link out of the source tree",
    ),
    "hard link out": ([member("a", kind=HARD, link="../../etc/passwd")], "leads out of the source tree"),
    "hard link to nothing": ([member("a", kind=HARD, link="b")], "which the archive doesn't hold"),
    "hard link to a link": (
        [member("a", kind=LINK, link="b"), member("c", kind=HARD, link="a")],
        "which the archive doesn't hold",
    ),
    "too many files": ([member(f"f{n}") for n in range(30)], "more than 20 files"),
    "too many folders": ([member("/".join("a" * 30) + "/f")], "more than 20 files"),
    "too large": ([member("a", size=20_000)], "larger than 0 MB"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_is_refused(case: str, tmp_path: Path) -> None:
    members, message = HOSTILE[case]
    with pytest.raises((InvalidInput, TooLarge)) as caught:
        _unpack(packed_members([(info, b"\0" * info.size) for info in members]), tmp_path)
    assert message in caught.value.message
    assert [entry.name for entry in tmp_path.iterdir()] == ["tree"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not gzip",
        gzip.compress(b"not tar" * 1000),
        gzip.compress(b"\0" * 50_000_000),
        packed({"a": "b" * 5000})[:-20],
        gzip.compress(tarfile.TarInfo("a").tobuf()[:300]),
    ],
    ids=["empty", "no gzip", "no tar", "zeros", "cut off", "half a header"],
)
def test_what_is_no_archive_is_refused_or_empty(content: bytes, tmp_path: Path) -> None:
    try:
        tree = _unpack(content, tmp_path)
    except (InvalidInput, TooLarge):
        return
    assert list(tree.iterdir()) == []


def test_a_header_that_claims_to_be_huge_is_not_read(tmp_path: Path) -> None:
    header = member("pax", kind=tarfile.XHDTYPE, size=900_000_000).tobuf(tarfile.GNU_FORMAT)
    with pytest.raises(InvalidInput, match="a header in it is too large"):
        _unpack(gzip.compress(header + b"\0" * 10_000), tmp_path, Limits())


def test_what_is_good_arrives(tmp_path: Path) -> None:
    content = packed_members(
        [
            (member("./run.sh", size=2, mode=0o4777), b"#!"),
            (member("a/b/text", size=2, mode=0o600), b"hi"),
            (member("a/same", kind=HARD, link="run.sh"), b""),
            (member("a/link", kind=LINK, link="../run.sh"), b""),
            (member(".git/config", size=1), b"x"),
            (member("empty", kind=tarfile.DIRTYPE), b""),
        ]
    )
    tree = _unpack(content, tmp_path)
    assert sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*")) == [
        *("a", "a/b", "a/b/text", "a/link", "a/same", "empty", "run.sh"),
    ]
    assert (tree / "run.sh").stat().st_mode & 0o7777 == 0o755
    assert (tree / "a/b/text").stat().st_mode & 0o7777 == 0o644
    assert (tree / "a/link").readlink() == Path("../run.sh")
    assert (tree / "a/same").stat().st_nlink == 1


def test_the_digest_names_the_content_however_it_was_packed(tmp_path: Path) -> None:
    digests = []
    for index, files in enumerate(
        [{"a": "1", "b/c": "2"}, {"b/c": "2", "a": "1"}, {"a": "1", "b/c": "3"}, {"ab/c": "2"}]
    ):
        folder = tmp_path / str(index)
        folder.mkdir()
        digests.append(digest_of(_unpack(packed(files), folder)))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.binary(max_size=2000), st.integers(0, 2000))
def test_damaged_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    good = gzip.decompress(packed({"a": "1", "b/c": "2" * 3000}))
    content = gzip.compress(good[:at] + noise + good[at + len(noise) :])
    tree = tmp_path_factory.mktemp("tree")
    with contextlib.suppress(InvalidInput, TooLarge):
        unpack(io.BytesIO(content), tree, SMALL)
