"""Reading the ends of logs, and following them through rotations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from roadbed.runtimes import logs
from roadbed.runtimes.drivers.process.shim_output import Log
from roadbed.runtimes.logs import Source, follow, last_lines, tail, texts


def source(folder: Path, name: str) -> Source:
    files = tuple(folder / f"output{part}.log" for part in (".2", ".1", ""))
    return Source(name, name, "web", files)


def written(folder: Path, *lines: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "output.log").write_text("".join(f"{line}\n" for line in lines))


def test_the_last_lines_of_several_replicas_by_time(tmp_path: Path) -> None:
    written(tmp_path / "a", "2026-01-01T00:00:01Z stdout F one", "2026-01-01T00:00:03Z stderr F three")
    written(tmp_path / "b", "2026-01-01T00:00:02Z stdout F two", "2026-01-01T00:00:04Z system F four  words")
    sources = [source(tmp_path / name, name) for name in "ab"]
    assert [(r.replica, r.stream, r.text) for r in tail(sources, 3)] == [
        ("b", "stdout", "two"),
        ("a", "stderr", "three"),
        ("b", "system", "four  words"),
    ]
    assert tail(sources, 0) == []


def test_lines_of_several_containers_tell_which(tmp_path: Path) -> None:
    written(tmp_path / "a", "2026-01-01T00:00:01Z stdout@web F one", "2026-01-01T00:00:03Z system@web F stopped")
    records = tail([source(tmp_path / "a", "a")], 9)
    assert [(r.replica, r.stream, r.text) for r in records] == [
        ("a/web", "stdout", "one"),
        ("a/web", "system", "stopped"),
    ]
    assert list(texts(last_lines(source(tmp_path / "a", "a").files, 9))) == ["one"]


def test_it_goes_back_through_rotated_files_and_past_missing_ones(tmp_path: Path) -> None:
    (tmp_path / "output.1.log").write_text("".join(f"t stdout F {n}\n" for n in range(50_000)))
    (tmp_path / "output.log").write_text("t stdout F last\n")
    found = last_lines(source(tmp_path, "a").files, 3)
    assert found == [b"t stdout F 49998", b"t stdout F 49999", b"t stdout F last"]
    assert len(last_lines(source(tmp_path, "a").files, 40_000)) == 40_000


def test_a_progress_bar_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_bytes(b"t stdout F a\rprogress\rmore\nt stdout F b\x0bc\x0cd\n\n")
    assert last_lines([tmp_path / "output.log"], 9) == [b"t stdout F a\rprogress\rmore", b"t stdout F b\x0bc\x0cd", b""]
    assert [record.text for record in tail([source(tmp_path, "a")], 9)][:1] == ["a\rprogress\rmore"]
    (tmp_path / "output.log").write_bytes(b"")
    assert last_lines([tmp_path / "output.log"], 9) == []


async def test_following_misses_and_doubles_nothing_when_the_log_is_rotated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "POLL_S", 0)
    folder = tmp_path / "a"
    folder.mkdir()
    log = Log(str(folder), 300, 3)
    log.write("stdout", [("F", "0")])

    async def sources() -> Sequence[Source]:
        return [source(folder, "a")]

    records = follow(sources, 10)
    seen = [(await anext(records)).text]
    for number in range(1, 30):
        log.write("stdout", [("F", str(number))])
        seen.append((await anext(records)).text)
    await records.aclose()
    assert seen == [str(number) for number in range(30)]
