"""Trees of real projects' shapes: what is understood of each, and what is written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from detection_cases import CASES, expected, tree_of, understood

FOLDERS = sorted(CASES.iterdir())


@pytest.mark.parametrize("case", FOLDERS, ids=[case.name for case in FOLDERS])
def test_case(case: Path) -> None:
    assert understood(tree_of(case)) == expected(case)


def test_there_are_enough_cases() -> None:
    assert len(FOLDERS) >= 35
