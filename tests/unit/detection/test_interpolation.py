from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.interpolation import interpolate, read_env

VALUES = {"A": "a", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("$A and ${A}", "a and a"),
        ("${B:-b}${EMPTY:-b}${A:-b}", "bba"),
        ("${B-b}${EMPTY-b}${A-b}", "ba"),
        ("${B:+b}${EMPTY:+b}${A:+b}", "b"),
        ("${B+b}${EMPTY+b}${A+b}", "bb"),
        ("${A:?said}${A?said}", "aa"),
        ("${B:-${C:-$A}}${B:-{}}", "a{}"),
        ("${B:-x${A}y}/z", "xay/z"),
        ("$$A ${A", "$A ${A"),
        ("5$ $1 ${} ${1} ${A.b}", "5$ $1 ${} ${1} ${A.b}"),
        ("http://${B:-x:80}/p", "http://x:80/p"),
    ],
)
def test_every_form(text: str, becomes: str) -> None:
    found = interpolate(text, VALUES)
    assert (found.text, found.missing) == (becomes, {})


@pytest.mark.parametrize(
    ("text", "empty", "kept", "missing"),
    [
        ("<$B>", "<>", "<${B}>", {"B": ""}),
        ("<${B:?give it}>", "<>", "<${B}>", {"B": "give it"}),
        ("<${EMPTY:?give it}>", "<>", "<${EMPTY}>", {"EMPTY": "give it"}),
        ("<${EMPTY?give it}>", "<>", "<>", {}),
    ],
)
def test_what_has_no_value(text: str, empty: str, kept: str, missing: dict[str, str]) -> None:
    assert interpolate(text, VALUES).text == empty
    found = interpolate(text, VALUES, keep=True)
    assert (found.text, found.missing) == (kept, missing)


@given(st.text("${}AB:-+?", max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(interpolate(text, VALUES).text, str)


def test_defaults_within_defaults_end() -> None:
    assert interpolate("${B:-" * 2_000 + "}" * 2_000, VALUES).text.startswith("$")


def test_a_file_of_variables() -> None:
    text = """\
# comment
A=1 # said
export B="two # words\\n"
C='$A'
D=${A}-$B2
E:5
no line
 F =
A=2
"""
    assert read_env(text) == {"A": "2", "B": "two # words\n", "C": "$A", "D": "1-", "E": "5", "F": ""}
