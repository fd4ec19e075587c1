"""Where the source of a new service may go is known before anything is asked of the platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadbed.cli.clone import check
from roadbed.kit.errors import InvalidInput


@pytest.mark.parametrize("target", ["/proc/orders", "/nowhere/at/all"])
def test_a_folder_that_cannot_be_made_is_refused(target: str) -> None:
    with pytest.raises(InvalidInput, match=f"can't be put into {Path(target).parent}: ") as caught:
        check(Path(target))
    assert caught.value.hint


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(InvalidInput, match="exists already"):
        check(tmp_path)


@pytest.mark.parametrize("made", [True, False])
def test_an_absent_or_empty_folder_is_left_as_it_was(tmp_path: Path, made: bool) -> None:
    target = tmp_path / "orders"
    if made:
        target.mkdir()
    check(target)
    assert list(tmp_path.iterdir()) == ([target] if made else [])
    assert not made or list(target.iterdir()) == []
