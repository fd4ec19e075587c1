"""Names of other platforms may hold what ours may not: two that become one are told of, and none is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from roadbed.detection.compose import read_compose
from roadbed.detection.domain import Reading
from roadbed.detection.fly import read_fly
from roadbed.detection.render import read_render
from roadbed.kit.errors import InvalidInput

RENDER = """\
services:
  - {type: web, name: api_server, startCommand: a}
  - {type: worker, name: API Server, startCommand: b}
databases:
  - {name: api-server}
  - {name: my_db}
  - {name: my-db}
"""
COMPOSE = """\
services:
  api_server: {build: ., command: a}
  api-server: {build: ., command: b}
  my_db: {image: postgres}
  My-DB: {image: postgres}
"""
FLY = """\
app = "x"
[processes]
api_server = "a"
api-server = "b"
"""


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_render, RENDER, [(3, "'api-server' here, as what stands in line 2"), (7, "'my-db' here, as what")]),
        (read_compose, COMPOSE, [(3, "'api-server' here, as what stands in line 2"), (5, "'my-db' here, as what")]),
        (read_fly, FLY, [(4, "'api-server' here, as what stands in line 3")]),
    ],
)
def test_both_places_are_named(read: Callable[[str], Reading], text: str, said: list[tuple[int, str]]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(text)
    problems = sorted(refused.value.problems or (refused.value.problem,), key=lambda problem: problem.line or 0)
    assert [problem.line for problem in problems] == [line for line, _ in said]
    for problem, (_, message) in zip(problems, said, strict=True):
        assert message in problem.message
