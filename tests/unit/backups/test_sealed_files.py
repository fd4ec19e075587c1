"""A backup's file gives back what was written, or refuses: cut, changed, reordered, exchanged, of another key."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roadbed.backups.errors import DamagedBackup
from roadbed.backups.sealing import SealedReader, SealedWriter
from roadbed.backups.settings import BackupSettings
from roadbed.backups.store import Store
from roadbed.kit.errors import NotFound, TooLarge, Unavailable
from roadbed.secrets.errors import CannotOpen
from roadbed.secrets.service import Secrets

SECRETS = Secrets(b"k" * 32)
PIECE = 1 << 20


def sealed(*chunks: bytes, context: str = "backup:bak_1") -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, SECRETS, context, 1 << 30)
    for chunk in chunks:
        writer.write(chunk)
    writer.finish()
    return file.getvalue()


def opened(data: bytes, secrets: Secrets = SECRETS, context: str = "backup:bak_1") -> bytes:
    return io.BufferedReader(SealedReader(io.BytesIO(data), secrets, context)).read()


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_it_gives_back_what_was_written(chunks: list[bytes]) -> None:
    assert opened(sealed(*chunks)) == b"".join(chunks)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_of_any_size(size: int) -> None:
    data = bytes(size)
    assert opened(sealed(data)) == data
    assert size < 100 or data[:100] not in sealed(data)


@given(st.integers(0, 400), st.integers(1, 255))
@example(197, 1)  # of the last piece's length: more than there is
def test_a_changed_byte_is_refused(at: int, by: int) -> None:
    data = bytearray(sealed(b"x" * 200))
    at %= len(data)
    data[at] ^= by
    with pytest.raises((DamagedBackup, CannotOpen)):
        opened(bytes(data))


@pytest.mark.parametrize("left", [0.1, 0.5, 0.99])
def test_what_was_cut_is_refused(left: float) -> None:
    data = sealed(bytes(3 * PIECE))
    with pytest.raises((DamagedBackup, CannotOpen)):
        opened(data[: int(len(data) * left)])


def test_whole_pieces_that_are_missing_are_missed() -> None:
    data = sealed(bytes(3 * PIECE))
    without_the_last = data[: -(PIECE + 16 + 4)]
    with pytest.raises(DamagedBackup, match="too early"):
        opened(without_the_last)


def test_what_follows_the_end_is_refused() -> None:
    with pytest.raises(DamagedBackup, match="follows the end"):
        opened(sealed(b"x") + b"y")


def test_another_backups_file_or_key_is_refused() -> None:
    with pytest.raises(CannotOpen):
        opened(sealed(b"x"), context="backup:bak_2")
    with pytest.raises(CannotOpen):
        opened(sealed(b"x"), Secrets(b"o" * 32))


def test_it_grows_no_larger_than_it_may() -> None:
    writer = SealedWriter(io.BytesIO(), SECRETS, "backup:bak_1", 10)
    writer.write(b"x" * 10)
    with pytest.raises(TooLarge):
        writer.write(b"x")


def store(folder: Path, **settings: float) -> Store:
    return Store(folder, BackupSettings(**{"free_gb": 0, **settings}), SECRETS)  # type: ignore[arg-type]


def test_a_file_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    kept = store(tmp_path)
    with kept.writing("bak_1") as sink:
        sink.write(b"data")
    with kept.open("bak_1") as source:
        assert source.read() == b"data"
    kept.check("bak_1", sink.checksum)
    with pytest.raises(ZeroDivisionError), kept.writing("bak_2") as sink:
        sink.write(bytes(1 // 0))
    assert [each.name for each in kept.folder.iterdir()] == ["bak_1.rbb"]
    assert (kept.folder / "bak_1.rbb").stat().st_mode & 0o077 == 0
    with pytest.raises(DamagedBackup):
        kept.check("bak_1", "0" * 64)


def test_no_id_leads_out_of_the_store(tmp_path: Path) -> None:
    for wrong in ("../secret", "bak_1/../../x", "", "bak_", "BAK_1"):
        with pytest.raises(NotFound):
            store(tmp_path).open(wrong)


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="to stay free"), store(tmp_path, free_gb=1e9).writing("bak_1"):
        pass


def test_what_nobody_knows_is_found(tmp_path: Path) -> None:
    kept = store(tmp_path)
    for name in ("bak_1", "bak_2", "bak_3"):
        with kept.writing(name):
            pass
    (kept.folder / "bak_4.part").touch()
    for name in ("bak_1.rbb", "bak_2.rbb", "bak_4.part"):
        os.utime(kept.folder / name, (0, 0))
    assert kept.abandoned({"bak_1"}) == ["bak_2", "bak_4"], "bak_3 may be about to be recorded"
    kept.clear("bak_4")
    assert not (kept.folder / "bak_4.part").exists()
