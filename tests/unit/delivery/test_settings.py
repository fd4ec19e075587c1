"""What an operator sets: changes, going back, and the names that are not theirs to set."""

from __future__ import annotations

import pytest

from roadbed.delivery.domain import Settings, SettingsChange, check_variable_names
from roadbed.delivery.set_resources import SetResource
from roadbed.kit.errors import InvalidInput


def test_setting_a_variable_makes_it_plain_or_secret_and_never_both() -> None:
    plain = SettingsChange(set={"KEY": "value"}).apply(Settings(secrets={"KEY": "secret_1"}))
    assert (plain.config, plain.secrets) == ({"KEY": "value"}, {})
    sealed = SettingsChange(seal={"KEY": "secret_2"}).apply(plain)
    assert (sealed.config, sealed.secrets) == ({}, {"KEY": "secret_2"})


def test_going_back_takes_the_secrets_of_today() -> None:
    old = Settings(config={"A": "1"}, secrets={"ROTATED": "secret_1", "UNSET": "secret_2", "NOW_PLAIN": "secret_3"})
    today = Settings(config={"A": "2", "NOW_PLAIN": "x"}, secrets={"ROTATED": "secret_9", "NEW": "secret_8"})
    back = old.with_secrets_of(today)
    assert back.secrets == {"ROTATED": "secret_9"}
    assert back.config == {"A": "1", "NOW_PLAIN": "x"}


def test_a_change_survives_being_stored() -> None:
    change = SettingsChange(set={"A": "1"}, seal={"B": "secret_1"}, unset=("C",), scale={"web": 2}, needs=("db",))
    assert SettingsChange.from_dict(change.to_dict()) == change
    settings = change.apply(Settings(needs=("cache",)))
    assert settings.needs == ("cache", "db")
    assert Settings.from_dict(settings.to_dict()) == settings


def test_what_is_taken_away_stays_so_until_it_is_accepted_again() -> None:
    gone = SetResource(None, None, "ada", "2026-11-22T10:00:00Z")
    taken = SettingsChange(resources={"db": gone}).apply(Settings(needs=("cache", "db")))
    assert (taken.needs, taken.taken) == (("cache",), frozenset({"db"}))
    again = SettingsChange(needs=("db",)).apply(taken)
    assert (again.needs, again.taken) == (("cache", "db"), frozenset())


@pytest.mark.parametrize("name", ["", "A=B", "A\nB", "x" * 256, "PORT", "HOME", "ROADBED_RELEASE"])
def test_names_that_cannot_be_set_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_variable_names([name])
