"""Nothing that sounds secret is kept, and nothing without bound."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from roadbed.audit.domain import MAX_ITEMS, MAX_TEXT, REDACTED, redact

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_values_of_names_that_sound_secret_are_hidden_at_any_depth() -> None:
    detail = {"db": [{"DB_PASSWORD": "hunter22", "host": "db"}], "api-key": "k", "Authorization": "Bearer x"}
    assert redact(detail) == {
        "db": [{"DB_PASSWORD": REDACTED, "host": "db"}],
        "api-key": REDACTED,
        "Authorization": REDACTED,
    }


def test_numbers_and_flags_beside_such_names_stay() -> None:
    assert redact({"secret": True, "tokens": 3, "password": None}) == {"secret": True, "tokens": 3, "password": None}


def test_long_texts_and_lists_are_cut() -> None:
    kept = redact({"text": "x" * 10_000, "list": list(range(10_000))})
    assert len(kept["text"]) == MAX_TEXT
    assert len(kept["list"]) == MAX_ITEMS


@given(st.dictionaries(st.text(), VALUES))
def test_what_is_kept_is_json_that_postgresql_takes(detail: dict[str, object]) -> None:
    assert "\\u0000" not in json.dumps(redact(detail)).replace("\\\\u0000", "")
