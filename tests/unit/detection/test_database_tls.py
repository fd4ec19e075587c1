from __future__ import annotations

import pytest

from roadbed.detection.database_tls import demands_tls
from roadbed.detection.domain import Need
from roadbed.detection.tree import TreeOfTexts
from roadbed.workload.document import Place

NEEDS = {"db": Need("db", "postgres", Place("a", 1, 1))}


@pytest.mark.parametrize(
    ("path", "line", "noted"),
    [
        ("s.py", "DATABASES = dj_database_url.config(ssl_require=not DEBUG)", True),
        ("s.py", "DATABASES = dj_database_url.config(ssl_require=False)", False),
        ("s.py", "OPTIONS = {'sslmode': 'require'}", True),
        ("s.py", "url += '?sslmode=prefer'", False),
        ("s.py", "# sslmode=require", False),
        ("a.js", "const pool = new Pool({ ssl: { rejectUnauthorized: false } })", True),
        ("a.js", "const url = 'postgres://a?sslmode=require'", True),
        ("a.js", "const agent = new https.Agent({ rejectUnauthorized: false })", False),
        ("a.js", "const pool = new Pool({ ssl: false })", False),
    ],
)
def test_where_a_database_without_tls_is_refused(path: str, line: str, noted: bool) -> None:
    tree = TreeOfTexts({path: f"\n{line}\n"})
    assert [(one.file, one.line) for one in demands_tls(tree, NEEDS, "shop")] == ([(path, 2)] if noted else [])
    assert list(demands_tls(tree, {}, "shop")) == []


def test_a_variable_that_decides_it_is_named() -> None:
    line = (
        "const pool = new Pool({ ssl: process.env.NODE_ENV === 'production' ? { rejectUnauthorized: false } : false })"
    )
    (note,) = demands_tls(TreeOfTexts({"a.js": line}), NEEDS, "shop")
    assert "roadbed config shop set NODE_ENV=staging" in (note.hint or "")
    tree = TreeOfTexts({"s.py": "DB = config(ssl_require=env.bool('DB_SSL', True))"})
    (note,) = demands_tls(tree, NEEDS, "shop")
    assert note.hint == "if DB_SSL decides it: roadbed config shop set DB_SSL=false"
