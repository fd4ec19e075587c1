"""Waits between wrong passwords, the shapes of secrets, and hashing that takes the same work for nobody."""

from __future__ import annotations

from datetime import timedelta

from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from roadbed.identity import passwords
from roadbed.identity.credentials import csrf_token, digest, new_token, same, split_token, token_text
from roadbed.identity.domain import wait_after
from roadbed.identity.passwords import Passwords


@given(st.integers(0, 200), st.integers(1, 20))
def test_waits_never_shrink_and_stay_bounded(failures: int, allowed: int) -> None:
    wait = wait_after(failures, allowed)
    assert (wait == timedelta(0)) == (failures < allowed)
    assert wait <= wait_after(failures + 1, allowed) <= timedelta(minutes=15)


def test_a_token_is_read_back() -> None:
    id_, secret = new_token()
    assert split_token(token_text(id_, secret)) == (id_, secret)
    assert same(secret, digest(secret))
    assert not same(secret + "0", digest(secret))


@given(st.text())
def test_any_other_text_is_no_token(text: str) -> None:
    assert split_token(text) is None
    assert split_token(f"rbt_{text}_") is None


@given(st.text(), st.text())
def test_csrf_tokens_belong_to_one_session(one: str, other: str) -> None:
    assert (csrf_token(one) == csrf_token(other)) == (one == other)


async def test_passwords_are_hashed_with_argon2id_and_checked() -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    quick = Passwords(hasher)
    stored = await quick.hash("a password")
    assert stored.startswith("$argon2id$")
    assert await quick.verify("a password", stored)
    assert not await quick.verify("another", stored)
    assert not await quick.verify("a password", "damaged")
    assert not await quick.verify("", None)
    assert not quick.outdated(stored)
    assert Passwords().outdated(stored)


def test_nobody_costs_what_somebody_costs() -> None:
    """The stand-in has the parameters of a real hash and is read as one, so checking it does the same work."""
    hasher = PasswordHasher()
    stand_in = passwords._unmatchable(hasher)
    assert extract_parameters(stand_in) == extract_parameters(hasher.hash("x"))
    assert not Passwords(hasher)._verify("x", stand_in)
