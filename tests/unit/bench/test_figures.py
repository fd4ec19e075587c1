"""Figures keep the truth: short of a goal stays short, what broke stays in the table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.__main__ import main, names
from bench.declaring.measurements import PLANNED as OF_DECLARING
from bench.figures import Figure, Measurement, Peer, Report
from bench.main_job.measurements import PLANNED

FAST = Figure("fast", None, "s", 1.5)
BROKEN = Figure("broken", None, "ms", 50)
TOLD = Figure("told", None, "MB", None)


def good() -> Iterator[Figure]:
    yield FAST.measured(2.00049)
    yield TOLD.measured(7)


def breaks() -> Iterator[Figure]:
    raise OSError("no disk")


def _no_platform() -> Iterator[Measurement]:
    raise RuntimeError("no platform")


def test_the_document_has_the_agreed_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("demo", (FAST, BROKEN, TOLD))
    report.run([Measurement("breaks", breaks), Measurement("good", good)])
    document = json.loads(report.write(tmp_path / "out").read_text())
    assert set(document) == {"machine", "figures"}
    assert document["figures"] == [
        {"name": "fast", "value": 2.0, "unit": "s", "goal": 1.5, "holds": False, "peer": None},
        {"name": "broken", "value": None, "unit": "ms", "goal": 50, "holds": False, "peer": None},
        {"name": "told", "value": 7, "unit": "MB", "goal": None, "holds": None, "peer": None},
    ]
    assert not report.complete
    assert "no disk" in capsys.readouterr().err


def test_the_table_says_what_falls_short() -> None:
    report = Report("demo", (FAST, BROKEN))
    report.run([Measurement("good", good)])
    lines = report.table().splitlines()
    assert "short of its goal" in lines[1]
    assert "not measured" in lines[2]


def test_a_platform_that_does_not_start_leaves_every_figure_unmeasured(capsys: pytest.CaptureFixture[str]) -> None:
    def nothing_starts() -> Iterator[Measurement]:
        yield from _no_platform()

    report = Report("demo", (FAST, BROKEN))
    report.run(nothing_starts())
    assert [figure.value for figure in report.figures] == [None, None]
    assert "no platform" in capsys.readouterr().err


def test_a_peer_is_written_as_a_ratio() -> None:
    figure = Figure("x", 1.0, "s", 2, Peer("theirs", 4.0, 0.25))
    assert figure.to_dict()["peer"] == {"name": "theirs", "value": 4.0, "ratio": 0.25}
    assert figure.holds


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "main_job" in names()
    assert main(["nonsense"]) == 2
    assert "main_job" in capsys.readouterr().err


def test_every_planned_figure_has_a_name_of_its_own_and_a_goal() -> None:
    assert len({figure.name for figure in PLANNED}) == len(PLANNED)
    assert all(figure.goal is not None and figure.value is None for figure in PLANNED)


def test_every_planned_figure_of_declaring_has_a_name_of_its_own() -> None:
    assert len({figure.name for figure in OF_DECLARING}) == len(OF_DECLARING)
    assert all(figure.value is None for figure in OF_DECLARING)
