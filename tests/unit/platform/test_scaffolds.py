"""What `roadbed platform new` writes."""

from __future__ import annotations

import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.platform import scaffolds

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


@given(LABELS | st.sampled_from(sorted(keyword.kwlist)).map(str.lower))
def test_a_block_of_any_name_is_a_program(name: str) -> None:
    tree = ast.parse(scaffolds.block(name, "group:default/platform")["block.py"])
    assert [type(node).__name__ for node in tree.body[-1:]] == ["FunctionDef"]


@pytest.mark.parametrize(
    ("name", "function"), [("mysql", "mysql"), ("my-sql", "my_sql"), ("class", "make_class"), ("3", "make_3")]
)
def test_its_function_is_called_as_it_is_where_it_can_be(name: str, function: str) -> None:
    assert f"def {function}(request" in scaffolds.block(name, "group:default/platform")["block.py"]
