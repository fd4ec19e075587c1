"""What databases are called."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.providers.postgres.naming import identifier


@pytest.mark.parametrize(
    ("urn", "wanted", "begins"),
    [
        ("orders@dev/web/db#postgres:Database", None, "orders_dev_web_db_"),
        ("orders@dev/web/db#postgres:Database", "Order Store", "order_store_"),
        ("orders@dev/web/db#postgres:Database", "7", "d_7_"),
        ("orders@dev/web/db#postgres:Database", "…", "database_"),
    ],
)
def test_a_name_can_be_read(urn: str, wanted: str | None, begins: str) -> None:
    assert identifier(urn, wanted).startswith(begins)


@given(st.text(max_size=200), st.none() | st.text(max_size=100))
def test_a_name_needs_no_quotes_and_fits(urn: str, wanted: str | None) -> None:
    name = identifier(urn, wanted)
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name)
    assert identifier(urn, wanted) == name


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_different_resources_have_different_names(one: str, other: str) -> None:
    assert (identifier(one, "x") == identifier(other, "x")) == (one == other)
