from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.json_text import parse_json
from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Mapping, plain

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    ["a // b", "/* c */", "#", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT,
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(TEXT.filter(lambda key: key != "<<"), below, max_size=3)
    ),
    max_leaves=10,
)


@given(VALUES.filter(lambda value: isinstance(value, dict | list)), st.sampled_from([None, 2, "\t"]))
def test_json_means_what_it_means(value: Any, indent: int | str | None) -> None:
    assert plain(parse_json(json.dumps(value, indent=indent, ensure_ascii=False), "x.json")) == value


@given(VALUES.filter(lambda value: isinstance(value, dict)))
def test_comments_and_one_comma_more_change_nothing(value: Any) -> None:
    text = json.dumps(value, indent="\t", ensure_ascii=False)
    noisy = text.replace("{\n", "{ // a note: {\n").replace("\n}", "\n/* the\n end */ }")
    if value:
        noisy = noisy.replace("\n\n/*", "\n/*")
    assert plain(parse_json(noisy, "x.json")) == value


def test_places_are_those_of_the_file() -> None:
    node = parse_json('{\n\t// a note\n\t"env": {"A": "1",},\n}\n', "app.json")
    assert isinstance(node, Mapping)
    place = node.key_places["env"]
    assert (place.file, place.line, place.column) == ("app.json", 3, 2)


@pytest.mark.parametrize("wrong", ['{"a": ', '{"a" "b"}', "[1 2", '{"a": 1}}', '{"a": 1, "a": 2}'])
def test_what_is_no_json_is_told_with_its_place(wrong: str) -> None:
    with pytest.raises(InvalidInput) as told:
        parse_json(wrong, "app.json")
    assert told.value.problem.file == "app.json"
    assert told.value.problem.line is not None
