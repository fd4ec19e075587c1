"""Files → emitted graph: each folder of `tests/cases/compile` is a test.

`python tests/compile_cases.py` writes what is expected anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from compile_cases import cases, compiled, expected


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_case_is_compiled_as_expected(case: Path) -> None:
    assert compiled(case) == expected(case).read_text()
