from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.kit.text import REPLACEMENT, storable, storable_value

ANY = st.text(st.characters(codec=None), max_size=20)
TREES = st.recursive(
    st.none() | st.integers() | ANY,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(ANY, below, max_size=3),
    max_leaves=8,
)


@given(ANY)
def test_what_comes_out_can_be_stored_and_what_could_be_stays(text: str) -> None:
    found = storable(text)
    found.encode()
    assert "\0" not in found
    assert storable(found) == found
    if "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text):
        assert found == text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a\0b", f"a{REPLACEMENT}b"),
        ("half \ud800 gone", f"half {REPLACEMENT} gone"),
        ("whole \ud83d\ude00", "whole \N{GRINNING FACE}"),
    ],
)
def test_what_can_not_be_stored(text: str, stored: str) -> None:
    assert storable(text) == stored


@given(TREES)
def test_of_a_tree_every_text(value: Any) -> None:
    text = json.dumps(storable_value(value))
    assert "\\u0000" not in text.replace("\\\\", "")
    json.dumps(storable_value(value), ensure_ascii=False).encode()
