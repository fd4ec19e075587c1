"""References go through text unharmed, and refuse what can't be deferred."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import math
import re
import shlex
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from xml.sax import saxutils

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from roadbed.sdk import Resource, deferred, secret
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.graph import encode
from roadbed.sdk.markers import shown, split
from roadbed.sdk.program import Context, Program, running
from roadbed.sdk.references import Deferred, Reference

URN = "orders@dev/web/db#postgres:Database"
HOST = Reference(URN, "host")
MARKER = str.__str__(str(HOST))
"""As it stands in text that the interpreter put together, which refuses nothing."""
REF = {"$ref": [URN, "host"]}
CALL = {"$call": ["base64", REF]}

plain_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\U00010412\U0001043a\\&"))
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_text, inner, max_size=4),
    max_leaves=12,
)
VALUES: list[tuple[Deferred, Any]] = [
    (HOST, REF),
    (secret("KEY"), {"$secret": "KEY"}),
    (deferred.base64(HOST), CALL),
    (HOST["a"], {"$ref": [URN, "host.a"]}),
]
values = st.integers(0, len(VALUES) - 1).map(VALUES.__getitem__)


@given(before=plain_text, after=plain_text, value=values)
def test_a_deferred_value_in_text_becomes_a_join(before: str, after: str, value: tuple[Deferred, Any]) -> None:
    parts = [part for part in (before, value[1], after) if part != ""]
    assert encode(f"{before}{value[0]}{after}") == {"$join": parts}
    assert encode(before + value[0] + after) == {"$join": parts}


@given(plain_text)
def test_text_without_references_stays_as_it_is(text: str) -> None:
    assert encode(text) == text


@given(plain_json)
def test_json_stays_as_it_is(value: Any) -> None:
    assume("$" not in str(value))
    assert encode(value) == value


def _nest(value: Any, way: list[str]) -> Any:
    for step in way:
        value = {"list": [1, value], "map": {"k": value, "a": 1}, "tuple": (value,)}[step]
    return value


@given(value=values, way=st.lists(st.sampled_from(["list", "map", "tuple"]), max_size=8), text=st.booleans())
def test_a_deferred_value_survives_any_nesting(value: tuple[Deferred, Any], way: list[str], text: bool) -> None:
    given, expression = value
    expected = json.loads(json.dumps(_nest({"$join": ["x", expression]} if text else expression, way)))
    assert encode(_nest(f"x{given}" if text else given, way)) == expected


def test_a_key_that_begins_with_a_dollar_is_taken_literally() -> None:
    assert encode({"$ref": ["a", "b"]}) == {"$literal": {"$ref": ["a", "b"]}}


REFUSED: dict[str, Callable[[Any], Any]] = {
    "compared with text": lambda host: host == "localhost",
    "compared with itself": lambda host: host != HOST,
    "ordered": lambda host: host < "z",
    "tested": bool,
    "counted": len,
    "looped over": list,
    "searched": lambda host: "." in host,
    "sliced": lambda host: host[1:],
    "asked for a method": lambda host: host.upper(),
    "joined": lambda host: host.join(["a"]),
    "given a format": lambda host: f"{host:>20}",
    "added to a number": lambda host: host + 1,
    "subtracted": lambda host: 1 - host,
    "multiplied": lambda host: host * 2,
    "used as a format": lambda host: host % "x",
    "negated": lambda host: -host,
    "made an integer": int,
    "made a float": float,
    "rounded": round,
    "used as an index": lambda host: [1, 2][host],
    "made bytes": bytes,
    "put into a set": lambda host: {host},
    "made a key": lambda host: {host: 1},
    "called": lambda host: host(),
    "changed": lambda host: host.__setitem__("a", 1),
}


@pytest.mark.parametrize("value", [HOST, secret("KEY"), deferred.lower(HOST)], ids=["output", "secret", "function"])
@pytest.mark.parametrize("misuse", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_deferred_is_refused(misuse: Callable[[Any], Any], value: Deferred) -> None:
    with pytest.raises(ProgramError, match="can't be") as refused:
        misuse(value)
    assert refused.value.hint


ENCODED: dict[str, Callable[[str], Any]] = {
    "encode": str.encode,
    "base64": lambda text: base64.b64encode(text.encode()),
    "a digest": lambda text: hashlib.sha256(text.encode()),
    "quoted for a URL": quote,
}


@pytest.mark.parametrize("encoding", ENCODED.values(), ids=ENCODED.keys())
def test_text_with_a_reference_cannot_be_encoded(encoding: Callable[[str], Any]) -> None:
    with pytest.raises(UnicodeEncodeError):
        encoding(f"postgres://{HOST}/app")


@pytest.mark.parametrize("encoding", [json.dumps, base64.b64encode, lambda host: ",".join([host])])
def test_what_takes_values_only_takes_no_reference(encoding: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="Reference"):
        encoding(HOST)


def written_as_csv(*fields: str) -> str:
    csv.writer(stream := io.StringIO()).writerow(fields)
    return stream.getvalue()


DAMAGED: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "title case": str.title,
    "swapped case": str.swapcase,
    "folded case": str.casefold,
    "reversed": lambda text: text[::-1],
    "escaped as JSON": json.dumps,
    "shown by repr": repr,
    "shown by ascii": ascii,
    "escaped by an encoding": lambda text: text.encode("ascii", "backslashreplace").decode(),
    "escaped for XML": lambda text: text.encode("ascii", "xmlcharrefreplace").decode(),
    "escaped for XML and HTML": html.escape,
    "escaped for XML by the other function": saxutils.escape,
    "escaped as JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "escaped as JSON in UTF-8, and cut out of it": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "quoted for a shell": shlex.quote,
    "split like a shell's line": lambda text: shlex.split(text)[0],
    "quoted for Windows": lambda text: subprocess.list2cmdline([text]),
    "written as CSV": written_as_csv,
    "escaped for SQL": lambda text: text.replace("'", "''"),
    "escaped for a pattern": re.escape,
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_reference_is_refused(damage: Callable[[str], str]) -> None:
    with pytest.raises(ProgramError, match="cut, changed or encoded"):
        encode(f"postgres://{damage(MARKER)}/app")


@given(data=st.data(), before=plain_text, after=plain_text)
def test_whatever_is_left_of_a_cut_marker_is_seen(data: st.DataObject, before: str, after: str) -> None:
    """But for a single sign of those that quote."""
    marker = MARKER
    start = data.draw(st.integers(0, len(marker) - 1))
    end = data.draw(st.integers(start + 1, len(marker)))
    assume((start, end) != (0, len(marker)) and marker[start:end] not in ("'", '"', "&"))
    with pytest.raises(ProgramError, match="cut, changed or encoded"):
        encode(f"{before}{marker[start:end]}{after}")


@given(data=st.data())
def test_a_changed_character_of_a_marker_is_seen(data: st.DataObject) -> None:
    marker = MARKER
    place = data.draw(st.integers(0, len(marker) - 1))
    other = data.draw(st.characters() | st.sampled_from(marker))
    assume(other != marker[place])
    with pytest.raises(ProgramError):
        encode(marker[:place] + other + marker[place + 1 :])


@given(cut=st.integers(1, 14))
def test_halves_of_two_markers_make_no_whole(cut: int) -> None:
    one, two = MARKER, str.__str__(str(secret("KEY")))
    assume(one[:cut] + two[cut:] not in (one, two))
    with pytest.raises(ProgramError):
        encode(one[:cut] + two[cut:])


def test_a_reference_is_shown_readably() -> None:
    assert shown(f"to {HOST}!") == "to ⟦db.host⟧!"
    assert shown(f"to {MARKER[3:6]}!") == "to �!"


@pytest.mark.parametrize(
    "damage",
    [
        str.upper,
        str.lower,
        str.swapcase,
        lambda text: text[:-1],
        lambda text: text[3:],
        lambda text: text[:4] + text[6:],
        lambda text: repr(text)[1:-1],
        lambda text: ascii(text)[1:-1],
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: shlex.quote(text)[1:-1],
        lambda text: written_as_csv(text)[1:-3],
        html.escape,
        lambda text: text.encode("ascii", "backslashreplace").decode(),
        lambda text: text.encode("ascii", "xmlcharrefreplace").decode(),
        lambda text: text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"),
    ],
)
def test_what_is_left_of_a_reference_is_one_sign(damage: Callable[[str], str]) -> None:
    """And the whole one beside it stands there by its name."""
    text = f"a {damage(MARKER)} b {HOST}X"
    assert shown(text) == "a � b ⟦db.host⟧X"
    with pytest.raises(ProgramError, match=r"^a reference inside 'a � b ⟦db.host⟧X' was cut, changed or encoded$"):
        split(text)
    assert repr(HOST) == "⟦db.host, known after apply⟧"


AS_REPR: dict[str, Callable[[], str]] = {
    "!r": lambda: f"to {HOST!r}",
    "str() of a list": lambda: f"to {[HOST]}",
    "str() of a map": lambda: str({"host": HOST}),
    "json of that": lambda: json.dumps(str([HOST])),
    "a resource": lambda: f"to {declared()}",
    "a resource in a list": lambda: f"to {[declared()]}",
}


def declared() -> Resource:
    with running(Program("orders@dev", Context("orders@dev", "dev", "development", "group:default/team"))):
        return Resource("core:Data", "db")


@pytest.mark.parametrize("written", AS_REPR.values(), ids=AS_REPR)
def test_what_only_repr_can_write_is_refused_in_text(written: Callable[[], str]) -> None:
    with pytest.raises(ProgramError, match="no text") as refused:
        encode(written())
    assert "by itself" in (refused.value.hint or "")


def test_brackets_that_people_write_are_left_alone() -> None:
    assert encode("⟦x⟧, known after apply, ⟦ and ⟧") == "⟦x⟧, known after apply, ⟦ and ⟧"


CANNOT_HOLD: dict[str, tuple[Any, str, str]] = {
    "bytes": (b"x", "can't hold a bytes", "base64"),
    "a set": ({1}, "can't hold a set", "sort it"),
    "a function": (len, "can't hold a builtin", "call it"),
    "NaN": ([math.nan], "can't hold nan", "leave the property out"),
    "infinity": (-math.inf, "can't hold -inf", "leave the property out"),
    "a huge number": (2**64, "more than 64 bits", "text"),
    "a NUL": ("a\0b", "NUL", "take it out"),
    "half a character": ("\ud800", "half a character", "decode"),
    "a number as a key": ({1: 2}, "key must be text, not 1", "quotes"),
    "a marker as a key": ({f"x{HOST}": 1}, "holds a reference", "values only"),
    "large text": ("x" * 1_000_001, "larger than 1 MB", "file"),
    "large text of wide characters": ("é" * 600_000, "larger than 1 MB", "file"),
    "a large list": ([["x" * 1000] * 100] * 100, "larger than 1 MB", "file"),
    "an object": (object(), "can't hold a object", "use text"),
}


@pytest.mark.parametrize(("value", "message", "hint"), CANNOT_HOLD.values(), ids=CANNOT_HOLD.keys())
def test_what_a_property_cannot_hold_is_refused(value: Any, message: str, hint: str) -> None:
    with pytest.raises(ProgramError) as refused:
        encode({"inner": value}, "outer")
    assert message in refused.value.message
    assert hint in (refused.value.hint or "")


def test_what_holds_itself_is_refused() -> None:
    circle: list[Any] = []
    circle.append({"again": [circle, circle]})
    with pytest.raises(ProgramError, match="holds itself"):
        encode(circle)


def test_every_deferred_function_has_its_word_in_the_engine() -> None:
    from roadbed.engine.expressions.functions import FUNCTIONS

    ours = {name for name, item in vars(deferred).items() if getattr(item, "__module__", "") == deferred.__name__}
    assert {name for name in ours if not name.startswith("_")} == set(FUNCTIONS) - {"get"}
    assert encode(deferred.join(", ", [HOST, "b"])) == {"$call": ["join", ", ", [REF, "b"]]}
    assert encode(secret("KEY")["a"]) == {"$call": ["get", {"$secret": "KEY"}, "a"]}
