"""A program is stopped at its own line when its time is over, and a tick that comes late ends nobody."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from roadbed.sdk.hosted import guard
from roadbed.sdk.hosted.places import Stopped


def _for_ever() -> None:
    while True:
        pass


def test_what_does_not_end_is_stopped() -> None:
    with pytest.raises(Stopped, match=r"did not end within 0\.02 s"), guard.limited(0.02):
        _for_ever()


def test_a_part_may_have_less_time_and_what_is_around_goes_on() -> None:
    with guard.limited(10):
        with pytest.raises(Stopped, match=r"within 0\.01 s"), guard.limited(0.01):
            _for_ever()
        assert callable(signal.getsignal(signal.SIGALRM))
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_timer_ends_before_its_handler_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the signal ends the process."""
    seen = []
    set_handler = signal.signal

    def noted(number: int, handler: Any) -> Any:
        seen.append((callable(handler), signal.getitimer(signal.ITIMER_REAL)[0] > 0))
        return set_handler(number, handler)

    monkeypatch.setattr(signal, "signal", noted)
    with guard.limited(10):
        pass
    assert seen == [(True, False), (False, False)]
