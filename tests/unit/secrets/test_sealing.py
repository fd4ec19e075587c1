"""A sealed text opens with its key, in its context, unchanged; in no other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.secrets.errors import CannotOpen
from roadbed.secrets.service import Secrets

SECRETS = Secrets(b"k" * 32)
CONTEXT = "stack:orders@dev/db.password"


@given(st.text(), st.text())
def test_what_was_sealed_opens_in_its_context(value: str, context: str) -> None:
    assert SECRETS.open(SECRETS.seal(value, context=context), context=context) == value


@given(st.text(), st.text(), st.text())
def test_it_opens_in_no_other_context(value: str, context: str, other: str) -> None:
    sealed = SECRETS.seal(value, context=context)
    if context != other:
        with pytest.raises(CannotOpen):
            SECRETS.open(sealed, context=other)


@given(st.data())
def test_any_change_of_any_character_is_noticed(data: st.DataObject) -> None:
    sealed = SECRETS.seal("hunter2", context=CONTEXT)
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.characters().filter(lambda character: character != sealed[at]))
    with pytest.raises(CannotOpen):
        SECRETS.open(sealed[:at] + other + sealed[at + 1 :], context=CONTEXT)


@given(st.text(max_size=200))
def test_no_text_makes_it_fail_in_another_way(text: str) -> None:
    with pytest.raises(CannotOpen):
        SECRETS.open(text, context=CONTEXT)


def test_parts_of_two_sealed_texts_do_not_combine() -> None:
    first, second = (SECRETS.seal(value, context=CONTEXT).split(".") for value in ("one", "two"))
    with pytest.raises(CannotOpen):
        SECRETS.open(".".join((*first[:3], second[3])), context=CONTEXT)


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert SECRETS.seal("hunter2", context=CONTEXT) != SECRETS.seal("hunter2", context=CONTEXT)


def test_another_key_is_named_as_the_cause() -> None:
    with pytest.raises(CannotOpen, match="another key"):
        Secrets(b"x" * 32).open(SECRETS.seal("hunter2", context=CONTEXT), context=CONTEXT)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Secrets(b"short")


@given(st.text(), st.text())
def test_fingerprints_differ_exactly_when_values_do(one: str, other: str) -> None:
    assert (SECRETS.fingerprint(one) == SECRETS.fingerprint(other)) == (one == other)


def test_a_fingerprint_depends_on_the_key() -> None:
    assert SECRETS.fingerprint("1234") != Secrets(b"x" * 32).fingerprint("1234")
