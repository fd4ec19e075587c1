"""The pages of the resource types are those that the types would write now."""

from __future__ import annotations

import pytest

from roadbed.main import provider_types
from type_pages import FOLDER, every_type, pages

PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_up_to_date(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == PAGES[name].rstrip() + "\n", "run: python tests/type_pages.py"


def test_no_page_is_left_over() -> None:
    assert {page.name for page in FOLDER.iterdir()} == PAGES.keys()


def test_what_is_known_without_a_platform_is_what_is_written() -> None:
    assert provider_types.every_type().keys() == every_type().keys()
