from __future__ import annotations

from pathlib import Path

import roadbed
from roadbed.cli.reference import reference

PAGE = Path(roadbed.__file__).parents[2] / "docs" / "reference" / "cli.md"


def test_the_reference_is_up_to_date() -> None:
    """`python -m roadbed.cli.reference` writes it."""
    assert PAGE.read_text(encoding="utf-8") == reference()
