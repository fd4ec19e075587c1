"""Text with references in it: it is put together freely, and answers only what no value could change."""

from __future__ import annotations

import html
import json
import re
import shlex
import string
import textwrap
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.sdk import deferred
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.graph import encode, split
from roadbed.sdk.references import Reference
from roadbed.sdk.text import ReferringText, kept

HOST = Reference("orders@dev/web/db#postgres:Database", "host")
words = st.text("ab /", max_size=4)

COMPOSED: dict[str, Callable[[Reference, str], str]] = {
    "f-string": lambda host, text: f"{text}{host}{text}",
    "f-string in an f-string": lambda host, text: f"{f'{text}{host}'}{text}",
    "+": lambda host, text: text + host + text,
    "+ of texts": lambda host, text: text + f"{host}" + text,
    "+=": lambda host, text: added(text, f"{host}", text),
    "join": lambda host, text: "".join([text, f"{host}", text]),
    "%": lambda host, text: "%s%s%s" % (text, host, text),  # noqa: UP031
    "% of text that is composed": lambda host, text: f"%s{host}%s" % (text, text),
    "format": lambda host, text: "{0}{host}{0}".format(text, host=host),  # noqa: UP032
    "format of text that is composed": lambda host, text: (f"{{}}{host}" + "{}").format(text, text),
    "format_map": lambda host, text: "{a}{b}{a}".format_map({"a": text, "b": host}),
    "a template": lambda host, text: string.Template("${a}${b}${a}").substitute(a=text, b=host),
    "replaced in a template": lambda host, text: "@A@B@A".replace("@A", text).replace("@B", str(host)),
    "dedent": lambda host, text: textwrap.dedent(f"  {text}x\n  {host}\n  {text}").replace("x\n", "").replace("\n", ""),
}


def added(*parts: str) -> str:
    whole = ""
    for part in parts:
        whole += part
    return whole


@pytest.mark.parametrize("compose", COMPOSED.values(), ids=COMPOSED)
@given(text=st.text("xyz[]().,;\"'/é", max_size=6))
def test_a_reference_survives_all_that_puts_text_together(compose: Callable[[Reference, str], str], text: str) -> None:
    assert split(compose(HOST, text)) == [part for part in (text, HOST, text) if part is HOST or part != ""]


REFUSED: dict[str, Callable[[str], Any]] = {
    "==": lambda text: text == "a",
    "== from the other side": lambda text: "a" == text,  # noqa: SIM300
    "!=": lambda text: text != "a",
    "== with itself": lambda text: text == str(HOST),
    "<": lambda text: text < "a",
    "in a list": lambda text: text in ["a", "b"],
    "hash": hash,
    "a key": lambda text: {text: 1},
    "a set": lambda text: {text},
    "len": len,
    "a loop": list,
    "reversed": reversed,
    "an index": lambda text: text[0],
    "a slice": lambda text: text[:3],
    "in": lambda text: "q" in text,
    "sorted": lambda text: sorted([text, "a"]),
    "int": int,
    "float": float,
    "a format": lambda text: f"{text:>40}",
    "encode and ignore": lambda text: text.encode("ascii", "ignore"),
    "startswith in the middle": lambda text: text.startswith("a", 1),
    "shlex.quote": shlex.quote,
    "html.escape": html.escape,
    "textwrap.indent": lambda text: textwrap.indent(text, "  "),
    "textwrap.fill": textwrap.fill,
}
PUT_TOGETHER = {"format", "format_map", "join", "maketrans"}
KNOWN = {"startswith", "endswith", "strip", "lstrip", "rstrip", "encode"}
ARGUMENTS = {
    **{"center": (40,), "ljust": (40,), "rjust": (40,), "zfill": (40,), "translate": ({},), "replace": ("a", "b")},
    **dict.fromkeys(("count", "find", "index", "rfind", "rindex", "partition", "rpartition"), ("a",)),
    **dict.fromkeys(("removeprefix", "removesuffix", "split", "rsplit"), ("a",)),
}
METHODS = [name for name in vars(str) if not name.startswith("_") and name not in PUT_TOGETHER | KNOWN]


@pytest.mark.parametrize("around", ["", "x"])
@pytest.mark.parametrize("misuse", REFUSED.values(), ids=REFUSED)
def test_what_needs_the_value_is_refused(misuse: Callable[[str], Any], around: str) -> None:
    with pytest.raises(
        ProgramError, match=r"a reference inside 'x?⟦db.host⟧x?' can't be cut, changed or encoded: .* needs"
    ):
        misuse(kept(f"{around}{HOST}{around}"))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_text_that_looks_at_it_is_refused(method: str) -> None:
    with pytest.raises(ProgramError, match=rf"\.{method}\(\) needs its value") as refused:
        getattr(f"{HOST}", method)(*ARGUMENTS.get(method, ()))
    assert refused.value.hint


ANSWERED: dict[str, Callable[[str, str], Any]] = {
    "startswith": lambda text, word: text.startswith(word),
    "startswith one of": lambda text, word: text.startswith((word, "a")),
    "endswith": lambda text, word: text.endswith(word),
    "endswith one of": lambda text, word: text.endswith((word, "b/")),
    "in": lambda text, word: word in text,
    "bool": lambda text, _: bool(text),
    "== a number": lambda text, _: text == cast("object", 5432),
    "strip": lambda text, _: text.strip(),
    "lstrip": lambda text, word: text.lstrip(word),
    "rstrip": lambda text, word: text.rstrip(word),
    "times": lambda text, word: text * len(word),
    "times, from the other side": lambda text, word: len(word) * text,
}


@pytest.mark.parametrize("ask", ANSWERED.values(), ids=ANSWERED)
@given(before=words, value=words, after=words, word=words)
def test_an_answer_is_that_of_any_value(
    ask: Callable[[str, str], Any], before: str, value: str, after: str, word: str
) -> None:
    try:
        answer = ask(kept(f"{before}{HOST}{after}"), word)
    except ProgramError:
        return
    if isinstance(answer, str):
        answer = "".join(part if isinstance(part, str) else value for part in split(answer))
    assert answer == ask(f"{before}{value}{after}", word)


def test_what_stands_around_a_reference_is_known() -> None:
    text = kept(f"\n  https://{HOST}/app\n")
    url = text.strip()
    assert isinstance(url, ReferringText)
    assert encode(url) == {"$join": ["https://", HOST.expression, "/app"]}
    assert url
    assert "://" in url
    assert (url.startswith("https:"), url.startswith("http:"), url.endswith((".", "/app"))) == (True, False, True)
    assert cast("object", f"{HOST}") not in (None, 5)


@given(words, words)
def test_what_is_put_together_by_operators_still_refuses(before: str, after: str) -> None:
    for text in (before + f"{HOST}", f"{HOST}" + after, before + HOST + after, f"{HOST}" * 2):
        with pytest.raises(ProgramError):
            len(text)


def test_text_without_references_is_left_alone() -> None:
    for value in ("", "é", "a", 1, None, [f"{HOST}"]):
        assert kept(value) is value


@pytest.mark.parametrize("given", [{"a": f"{HOST}"}, [f"{HOST}"], [f"{HOST}x"]], ids=["map", "list", "plain"])
@pytest.mark.parametrize("options", [{}, {"ensure_ascii": False}, {"ensure_ascii": False, "indent": 2}])
def test_json_by_hand_is_refused(given: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ProgramError, match="cut, changed or encoded") as refused:
        encode(json.dumps(given, **options))
    assert "JSON" in (refused.value.hint or "")


UNSEEN: dict[str, tuple[Callable[[str], Any], Any]] = {
    "a pattern that looks": (lambda text: re.search("host", text), None),
    "a pattern that drops it whole": (lambda text: re.sub("[^a-z]", "", text), "a"),
    "another text": (lambda text: text in "abc", False),
    "quotes by hand": (lambda text: encode(f"'{text}'"), {"$join": ["'a", HOST.expression, "'"]}),
    "a width": (lambda text: encode("%18s" % text), {"$join": ["  a", HOST.expression]}),  # noqa: UP031
}


@pytest.mark.parametrize(("do", "answer"), UNSEEN.values(), ids=UNSEEN)
def test_what_the_decision_record_says_cannot_be_seen(do: Callable[[str], Any], answer: Any) -> None:
    assert do(kept(f"a{HOST}")) == answer


def test_what_the_guide_writes_instead_of_a_shell_s_quoting_means_the_same() -> None:
    value = "it's; rm -rf /"
    quoted = "'" + deferred.replace(HOST, "'", r"'\''") + "'"
    _, call, _ = encode(quoted)["$join"]
    _, _, old, new = call["$call"]
    assert shlex.split(f"echo '{value.replace(old, new)}'") == ["echo", value]
