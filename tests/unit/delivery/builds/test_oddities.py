"""What is told of links and pipes that a build made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roadbed.delivery.builds.oddities import told_of


@pytest.mark.parametrize(
    ("target", "out"),
    [
        ("/etc/passwd", True),
        ("../../..", True),
        ("../app.py", False),
        ("/app/static", False),
        ("/app/../etc", True),
        ("nowhere", False),
    ],
)
def test_a_link_out_of_the_tree_is_told_of(tmp_path: Path, target: str, out: bool) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "link").symlink_to(target)
    told = [f"the build made a link that leads out of the tree: 'made/link' to {target!r}"] if out else []
    assert told_of(tmp_path) == told


def test_a_pipe_is_told_of_and_packages_are_not(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe\n")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x").symlink_to("/etc")
    assert told_of(tmp_path) == [r"'pipe\n' is neither a file nor a folder, and is left out"]


def test_many_are_told_in_short(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"link{number:02}").symlink_to("/etc")
    lines = told_of(tmp_path)
    assert len(lines) == 21
    assert lines[-1] == "and more of that kind"
