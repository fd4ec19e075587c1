"""Where something is wrong, as it is told."""

from __future__ import annotations

import pytest

from roadbed.kit.errors import Problem


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (Problem("it is wrong", file="score.yaml", line=3, column=7), "score.yaml:3:7: it is wrong"),
        (Problem("it is wrong", file="score.yaml"), "score.yaml: it is wrong"),
        (Problem("it is wrong", file="set by ada", line=0, column=0), "set by ada: it is wrong"),
        (Problem("it is wrong"), "it is wrong"),
    ],
)
def test_a_problem_is_told_with_its_place(problem: Problem, told: str) -> None:
    assert str(problem) == told
