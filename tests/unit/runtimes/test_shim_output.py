"""Lines, masks and files of a shim, as pure functions of bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.runtimes.drivers.process import shim_output
from roadbed.runtimes.drivers.process.shim_output import LONGEST_LINE, MASK, Lines, Log, Mask

SECRET = "s3cr3t-value"
TEXT = st.characters(blacklist_characters="\n\r", blacklist_categories=["Cs"])
SIZES = st.lists(st.integers(1, 20_000), max_size=6)


def chunks(data: bytes, sizes: list[int]) -> list[bytes]:
    parts, start = [], 0
    for size in sizes:
        parts.append(data[start : start + size])
        start += size
    return [*parts, data[start:]]


def all_lines(parts: list[bytes], mask: Mask) -> list[tuple[str, str]]:
    lines = Lines(mask)
    return [found for part in parts for found in lines.feed(part)] + lines.end()


def joined(lines: list[tuple[str, str]]) -> list[str]:
    """Whole lines again, of their parts."""
    whole, begun = [], ""
    for tag, text in lines:
        begun += text
        if tag == "F":
            whole.append(begun)
            begun = ""
    return [*whole, begun] if begun else whole


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"one\ntwo\n", [("F", "one"), ("F", "two")]),
        (b"one\r\n\nlast", [("F", "one"), ("F", ""), ("F", "last")]),
        (b"\xff\n", [("F", "\ufffd")]),
        (f"a {SECRET} b{SECRET}\n".encode(), [("F", f"a {MASK} b{MASK}")]),
    ],
)
def test_lines(data: bytes, expected: list[tuple[str, str]]) -> None:
    assert all_lines([data], Mask([SECRET])) == expected


@given(st.text(TEXT, max_size=60), st.lists(st.integers(1, 9)))
def test_text_survives_however_it_is_cut_into_chunks(text: str, sizes: list[int]) -> None:
    assert joined(all_lines(chunks(f"{text}\n".encode(), sizes), Mask([]))) == [text]


@given(before=st.integers(0, 3 * LONGEST_LINE), after=st.integers(0, 40), sizes=SIZES)
def test_a_secret_is_masked_wherever_a_long_line_is_cut(before: int, after: int, sizes: list[int]) -> None:
    data = ("é" * before + SECRET + "x" * after).encode()
    found = all_lines(chunks(data, sizes), Mask([SECRET]))
    assert joined(found) == ["é" * before + MASK + "x" * after]
    assert all(len(text) <= 2 * LONGEST_LINE for _, text in found)
    assert not any(SECRET[:6] in text or SECRET[-6:] in text for _, text in found)


def test_a_secret_longer_than_a_line_is_masked_whole() -> None:
    secret = "k" * (LONGEST_LINE + 7)
    assert joined(all_lines([secret.encode() + b" end\n"], Mask([secret]))) == [f"{MASK} end"]


def test_files_are_rotated_and_the_oldest_dropped(tmp_path: Path) -> None:
    log = Log(str(tmp_path), 200, 3)
    for number in range(40):
        log.write("stdout", [("F", f"line {number}")])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["output.1.log", "output.2.log", "output.log"]
    assert all(path.stat().st_size <= 200 for path in tmp_path.iterdir())
    assert (tmp_path / "output.log").read_text().splitlines()[-1].endswith("stdout F line 39")


def test_a_full_disk_loses_lines_and_says_how_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(str(tmp_path), 4096, 3)

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.write", full)
        log.write("stdout", [("F", "one"), ("F", "two")])
    log.write("stdout", [("F", "three")])
    texts = [line.split(" ", 3)[3] for line in (tmp_path / "output.log").read_text().splitlines()]
    assert texts == ["2 lines were lost: the disk was full", "three"]


def test_times_are_rfc_3339_with_milliseconds() -> None:
    from datetime import datetime

    assert datetime.fromisoformat(shim_output.now()).tzinfo is not None
    assert len(shim_output.now()) == len("2026-01-01T00:00:00.000Z")
