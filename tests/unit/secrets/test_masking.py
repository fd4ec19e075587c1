"""No known secret is left in a masked text."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.secrets.masking import MASK, MIN_LENGTH, Masker

SECRET = 'p@ss "wörd"/1'


@given(st.lists(st.text(min_size=MIN_LENGTH), min_size=1), st.lists(st.text()))
def test_no_secret_is_left(secrets: list[str], texts: list[str]) -> None:
    masked = Masker(secrets).mask(" ".join([*texts, *secrets]))
    assert not any(secret in masked.replace(MASK, "\0") for secret in secrets if "\0" not in secret)


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        json.dumps({"password": SECRET}),
        json.dumps({"password": SECRET}, ensure_ascii=False),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_other_spellings_are_hidden(spelled: str) -> None:
    masked = Masker([SECRET]).mask(f"before {spelled} after")
    assert "p@ss" not in masked
    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


def test_each_line_of_a_key_is_hidden_because_logs_come_line_by_line() -> None:
    masker = Masker(["-----BEGIN-----\nabcdef\n-----END-----"])
    assert [masker.mask(line) for line in ("abcdef", "-----END-----")] == [MASK, MASK]


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert Masker(["hunter", "hunter22"]).mask("hunter22 hunter") == f"{MASK} {MASK}"


def test_short_values_and_other_text_stay() -> None:
    assert Masker(["abc", ""]).mask("abc def") == "abc def"
