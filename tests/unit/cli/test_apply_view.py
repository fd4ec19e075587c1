"""What the progress of an apply writes: redrawn on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import time
from typing import Any, cast

import pytest

from fakes.platform_api import operation
from fakes.stacks_api import entry, plan, step
from roadbed.cli.apply_view import ApplyView
from roadbed.cli.journal import Journal
from roadbed.cli.watch import Changed, Logged, Lost
from roadbed.kit.errors import Unavailable


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Told:
    """A journal that tells its entries one lot at a time."""

    def __init__(self, *lots: list[Any]) -> None:
        self.lots = list(lots)

    def take(self) -> list[Any]:
        return self.lots.pop(0) if self.lots else []

    def rest(self) -> list[Any]:
        return [each for lot in self.lots for each in lot]


def view(stream: io.StringIO, journal: Told, *steps: Any, verbose: bool = False) -> ApplyView:
    found: Any = plan(*steps)
    return ApplyView(found, cast(Journal, journal), stream, verbose=verbose)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")


def test_plain_lines() -> None:
    stream = io.StringIO()
    journal = Told([entry(1, "vpc", "began")], [], [entry(2, "vpc", "succeeded")])
    shown = view(stream, journal, step("vpc", "create"))
    shown.show(Changed(cast(Any, operation("running"))))
    shown.show(Changed(cast(Any, operation())))
    shown.stop()
    shown.stop()
    assert stream.getvalue() == "· Applying plan 4 of network@dev …\n✓ vpc  core:Data  created  0.0s\n"


def test_thousands_are_counted_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    stream = io.StringIO()
    steps = [step(f"item-{number}", "create") for number in range(1000)]
    ended = [entry(number, f"item-{number}", "succeeded") for number in range(500)]
    shown = view(stream, Told(ended), *steps)
    for _ in range(40):
        now += 0.25
        shown.show(None)
    assert stream.getvalue().splitlines()[1:] == [
        "  500/1,000, 0 running  2.0s",
        "  500/1,000, 0 running  4.0s",
        "  500/1,000, 0 running  8.0s",
    ]


def test_a_terminal_is_drawn_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    stream = Terminal()
    journal = Told([entry(1, "vpc", "began")], [entry(2, "vpc", "succeeded")])
    shown = view(stream, journal, step("vpc", "create"), step("dns", "create"))
    shown.show(None)
    first = stream.getvalue()
    assert "Applying plan 4 of network@dev  0/2" in first
    assert "⠋ vpc  core:Data  creating  0.0s\033[K\n" in first
    assert "· dns  core:Data  waiting\033[K\n" in first
    now += 1
    shown.show(None)
    again = stream.getvalue().removeprefix(first)
    assert again.startswith("\033[3F⠋ Applying plan 4 of network@dev  1/2  1.0s\033[K\n✓ vpc  core:Data  created  1.0s")
    shown.show(Changed(cast(Any, operation("cancelled"))))
    shown.stop()
    last = stream.getvalue().rpartition("\033[3F")[2]
    assert last == "✓ vpc  core:Data  created  1.0s\033[K\n– dns  core:Data  not done\033[K\n\033[J"


def test_it_is_drawn_ten_times_a_second_however_much_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    stream = Terminal()
    shown = view(stream, Told(), step("vpc", "create"))
    for _ in range(100):
        now += 0.01
        shown.show(Logged({"sequence": 1, "text": "core:Data vpc: going on"}))
    assert 10 <= stream.getvalue().count("Applying plan") <= 13


@pytest.mark.parametrize(
    ("attempts", "told"),
    [
        ((1, 1), []),
        ((1, 2, 2), ["↻ taken up again after the server ended"]),
        ((3,), ["↻ taken up again after the server ended, for the 2nd time"]),
    ],
)  # fmt: skip
def test_says_that_it_was_taken_up_again(attempts: tuple[int, ...], told: list[str]) -> None:
    stream = io.StringIO()
    shown = view(stream, Told(), step("vpc", "create"))
    for attempt in attempts:
        shown.show(Changed(cast(Any, operation("running", attempt=attempt))))
    assert stream.getvalue().splitlines()[1:] == told


def test_says_that_it_was_asked_to_stop_until_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    asked = cast(Any, operation("running", kind="stack.apply", cancel_requested=True))
    ended = cast(Any, operation("cancelled", kind="stack.apply", cancel_requested=True))
    plain, terminal = io.StringIO(), Terminal()
    for stream in (plain, terminal):
        now += 10
        shown = view(stream, Told([entry(1, "vpc", "began")]), step("vpc", "create"))
        shown.show(Changed(cast(Any, operation("running", kind="stack.apply"))))
        assert "asked to stop" not in stream.getvalue()
        now += 3
        shown.show(Changed(asked))
        shown.show(Changed(asked))
        shown.show(Changed(ended))
        shown.stop()
    said = "⊘ asked to stop: nothing more begins, and what runs has about a minute to end"
    assert plain.getvalue().splitlines()[1:] == [said, "  0/1, 1 running, asked to stop  3.0s"]
    assert terminal.getvalue().count(said) == 1
    assert "Applying plan 4 of network@dev, asked to stop  0/1" in terminal.getvalue()
    assert "asked to stop" not in terminal.getvalue().rpartition("F")[2]


def test_a_lost_connection_is_told_once() -> None:
    stream = io.StringIO()
    shown = view(stream, Told(), step("vpc", "create"))
    for _ in range(3):
        shown.show(Lost(Unavailable("it is away")))
    assert stream.getvalue().count("it is away; trying again for a minute …") == 1


def test_verbose_shows_the_log() -> None:
    stream = io.StringIO()
    shown = view(stream, Told(), step("vpc", "create"), verbose=True)
    shown.show(Logged({"sequence": 1, "text": "making\x1b it"}))
    assert "    making it\n" in stream.getvalue()
