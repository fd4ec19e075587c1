"""Overrides: what is laid over what, and where the result says that it comes from."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Mapping, Node, plain
from roadbed.workload.overrides import merged, read_property, with_property
from roadbed.workload.parsing import parse_document

BASE = """\
metadata: {name: web, annotations: {a.b/c: one}}
containers:
  web:
    image: .
    args: [serve, --fast]
"""


def parsed(text: str, file: str = "score.yaml") -> Node:
    return parse_document(text, file)


def test_mappings_are_merged_and_all_else_is_replaced() -> None:
    over = parsed("containers: {web: {image: nginx, args: [run]}}", "prod.yaml")
    found = merged(parsed(BASE), over)
    assert plain(found)["containers"]["web"] == {"image": "nginx", "args": ["run"]}
    assert plain(found)["metadata"]["name"] == "web"


def test_null_takes_away_what_is_there_and_is_nothing_where_nothing_is() -> None:
    over = parsed("containers: {web: {args: null, command: null, files: {/a: null}}}", "prod.yaml")
    assert plain(merged(parsed(BASE), over))["containers"]["web"] == {"image": ".", "files": {}}


def test_each_value_keeps_its_file() -> None:
    found: Any = merged(parsed(BASE), parsed("containers: {web: {image: 5}}", "prod.yaml"))
    web = found.entries["containers"].entries["web"]
    assert (web.entries["image"].place.file, web.entries["args"].place.file) == ("prod.yaml", "score.yaml")
    assert web.key_places["image"].file == "prod.yaml"


TREES = st.recursive(
    st.one_of(st.none(), st.integers(0, 9), st.text("ab", max_size=2)),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(st.sampled_from("abc"), below, max_size=3)),
    max_leaves=12,
)


def _merged(base: Any, over: Any) -> Any:
    if not isinstance(over, dict):
        return over
    under = base if isinstance(base, dict) else {}
    laid = {key: _merged(under.get(key), value) for key, value in over.items() if value is not None}
    return {key: value for key, value in under.items() if key not in over} | laid


def _tree(value: Any) -> Node:
    return parsed(json.dumps(value))


@given(TREES, TREES)
def test_merging_is_what_it_says_and_leaves_both_as_they_were(base: Any, over: Any) -> None:
    one, two = _tree(base), _tree(over)
    before = copy.deepcopy((one, two))
    assert plain(merged(one, two)) == _merged(base, over)
    assert (one, two) == before


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("containers.web.image=nginx", ("containers", "web", "image"), "nginx"),
        ("containers.web.args.0=run", ("containers", "web", "args"), ["run", "--fast"]),
        ("containers.web.args.-1=--loud", ("containers", "web", "args"), ["serve", "--fast", "--loud"]),
        ("containers.web.args.1=", ("containers", "web", "args"), ["serve"]),
        ("containers.web.args=", ("containers", "web"), {"image": "."}),
        ("containers.web.args.-1={a: 1}", ("containers", "web", "args"), ["serve", "--fast", {"a": 1}]),
        (r"metadata.annotations.a\.b/c=two", ("metadata", "annotations"), {"a.b/c": "two"}),
        ("resources.db={type: postgres}", ("resources",), {"db": {"type": "postgres"}}),
        ("resources.db.params.size=5", ("resources",), {"db": {"params": {"size": 5}}}),
        ("resources.db.type=", ("metadata", "name"), "web"),
        ("containers.web.variables.A=a=b", ("containers", "web", "variables"), {"A": "a=b"}),
        ('containers.web.image="5"', ("containers", "web", "image"), "5"),
    ],
)
def test_a_property_is_set_or_taken_away(assignment: str, path: tuple[str, ...], value: Any) -> None:
    root = parsed(BASE)
    before = copy.deepcopy(root)
    found = plain(with_property(root, read_property(assignment)))
    for key in path:
        found = found[key]
    assert found == value
    assert root == before


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("image", "is no override"),
        ("=x", "is no path"),
        ("a..b=x", "is no path"),
        ("containers.web.image.tag=x", "neither a mapping nor a list"),
        ("containers.web.args.2=x", "no item '2' in this list of 2"),
        ("containers.web.args.first=x", "no item 'first'"),
        ("containers.web.args.-1=", "no item '-1'"),
        ("containers.web.image={", "not valid YAML"),
        (".".join("a" * 40) + "=x", "more than 32 keys"),
    ],
)
def test_a_path_that_leads_nowhere_is_told(assignment: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        with_property(parsed(BASE), read_property(assignment))


@given(st.text(max_size=40))
def test_no_override_gives_anything_but_a_tree_or_an_error(assignment: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert isinstance(with_property(parsed(BASE), read_property(assignment)), Mapping)
