"""What databases are called."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.providers.postgres.naming import identifier, reserved


@pytest.mark.parametrize(
    ("urn", "wanted", "begins"),
    [
        ("orders@dev/web/db#postgres:Database", None, "orders_dev_web_db_"),
        ("orders@dev/web/db#postgres:Database", "Order Store", "order_store_"),
        ("orders@dev/web/db#postgres:Database", "7", "d_7_"),
        ("orders@dev/web/db#postgres:Database", "…", "database_"),
        ("pg@dev/web/db#postgres:Database", None, "d_pg_dev_web_db_"),
        ("pg-admin@dev/db#postgres:Role", None, "d_pg_admin_dev_db_"),
        ("orders@dev/db#postgres:Role", "pg", "d_pg_"),
        ("orders@dev/db#postgres:Role", "__PG_monitor", "d_pg_monitor_"),
        ("pgbouncer@dev/db#postgres:Role", None, "pgbouncer_dev_db_"),
        ("orders@dev/db#postgres:Role", "postgres", "postgres_"),
        ("orders@dev/db#postgres:Role", "public", "public_"),
        ("orders@dev/db#postgres:Role", "none", "none_"),
        ("orders@dev/db#postgres:Database", "template0", "template0_"),
    ],
)
def test_a_name_can_be_read(urn: str, wanted: str | None, begins: str) -> None:
    assert identifier(urn, wanted).startswith(begins)


@given(st.text(max_size=200), st.none() | st.text(max_size=100))
def test_a_name_needs_no_quotes_and_fits(urn: str, wanted: str | None) -> None:
    name = identifier(urn, wanted)
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name)
    assert identifier(urn, wanted) == name


@pytest.mark.parametrize(
    ("urn", "wanted", "token", "name"),
    [
        ("orders@dev/web/db#postgres:Database", None, "", "orders_dev_web_db_@"),
        ("orders@dev/web/db#postgres:Database", "Order Store", "t1", "order_store_@"),
        ("orders@dev/web/db#postgres:Database", "7", "t1", "d_7_@"),
        ("pgadmin@dev/db#postgres:Role", None, "t1", "pgadmin_dev_db_@"),
        ("orders@dev/db#postgres:Role", "public", "t1", "public_@"),
    ],
)
def test_a_name_stays_what_it_was(urn: str, wanted: str | None, token: str, name: str) -> None:
    """What is made already is found again by it."""
    digest = hashlib.sha256(f"{urn}{token}".encode()).hexdigest()[:10]
    assert identifier(urn, wanted, token) == name.replace("@", digest)


_BEGINNINGS = st.sampled_from(("pg", "PG", "_pg", "7pg", "pg-", "pg_", "postgres", "template1", "public", "none"))


@given(_BEGINNINGS, st.text(max_size=100), st.text(max_size=100))
def test_no_name_is_one_that_postgresql_keeps(begins: str, urn: str, rest: str) -> None:
    for name in (identifier(f"{begins}{urn}"), identifier(urn, f"{begins}{rest}")):
        assert not name.startswith("pg_")
        assert name not in ("postgres", "template0", "template1", "public", "none")
        assert len(name.encode()) <= 63


@pytest.mark.parametrize(
    ("name", "kept"),
    [("pg_monitor", True), ("pg_", True), ("public", True), ("none", True), ("pg", False), ("publican", False)],
)
def test_names_that_postgresql_keeps(name: str, kept: bool) -> None:
    assert reserved(name) is kept


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_different_resources_have_different_names(one: str, other: str) -> None:
    assert (identifier(one, "x") == identifier(other, "x")) == (one == other)
