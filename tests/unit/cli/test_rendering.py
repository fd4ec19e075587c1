"""What is printed, by equality."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.cli import errors
from roadbed.cli.releases import which
from roadbed.cli.scaling import counts
from roadbed.cli.style import Style
from roadbed.cli.text import ago, clean, duration, pairs, shorten, size, table, width
from roadbed.cli.ticker import Ticker
from roadbed.cli.variables import Request, understand
from roadbed.kit.errors import InvalidInput, NotFound, OperationFailed, RoadbedError


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0s"), (0.44, "0.4s"), (9.94, "9.9s"), (12.3, "12s"), (59.9, "1m 00s"), (200, "3m 20s"), (7500, "2h 05m")],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (12_000_000, "12 MB"), (10**13, "10000 GB")]
)
def test_size(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-01-10T11:59:30Z", "just now"),
        ("2026-01-10T11:55:00.000Z", "5 min ago"),
        ("2026-01-10T09:00:00Z", "3 h ago"),
        ("2026-01-09T11:00:00Z", "1 day ago"),
        ("2025-12-01T00:00:00Z", "2025-12-01"),
        (None, "–"),
        ("soon", "–"),
    ],
)
def test_ago(at: str | None, text: str) -> None:
    assert ago(at, datetime(2026, 1, 10, 12, tzinfo=UTC)) == text


def test_table() -> None:
    rows = [("orders", "healthy", None), ("日本", "down", "http://x")]
    assert table(("NAME", "HEALTH", "URL"), rows) == (
        "NAME     HEALTH    URL\norders   healthy   –\n日本     down      http://x"
    )
    assert "\033[32mhealthy\033[0m " in table(("NAME", "HEALTH", "URL"), rows, Style(True))


def test_pairs_leave_out_what_is_missing() -> None:
    assert pairs([("Name", "ada"), ("Kind", None), ("URL", "")]) == "Name  ada"


@given(st.text(), st.integers(min_value=1, max_value=30))
def test_shortened_text_fits(text: str, columns: int) -> None:
    assert width(shorten(clean(text), columns)) <= columns


def test_what_a_program_wrote_drives_no_terminal() -> None:
    assert clean("a\x1b[2Jb\rc\td\x9b") == "a[2Jbc\td"


def test_an_error() -> None:
    error = NotFound("there is none", hint="look\nelsewhere", file="score.yaml", line=3)
    assert errors.render(error) == "✗ score.yaml:3: there is none\n  → look\n    elsewhere"


def test_a_message_of_several_lines_stands_below_its_first() -> None:
    error = OperationFailed("it ended; it last wrote:\n  begun\n1 step was left out", hint="look", file="a.yaml")
    assert errors.render(error).splitlines() == [
        "✗ a.yaml: it ended; it last wrote:",
        "    begun",
        "  1 step was left out",
        "  → look",
    ]


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["apps", "-o", "json"], True),
        (["apps", "-ojson"], True),
        (["apps", "--output=json"], True),
        (["apps", "--output", "json"], True),
        (["apps", "-o", "text"], False),
        (["logs", "json"], False),
        (["new", "to-json", "x"], False),
    ],
)
def test_who_asks_for_json(arguments: list[str], asked: bool) -> None:
    assert errors.wants_json(arguments) is asked


def test_a_bug_is_no_traceback() -> None:
    shown = errors.as_roadbed_error(KeyError("url"))
    assert isinstance(shown, RoadbedError)
    assert "KeyError: 'url'" in shown.message


def test_progress_where_nobody_looks() -> None:
    stream = io.StringIO()
    ticker = Ticker(stream)
    ticker.begin("Build")
    ticker.detail("compiling")
    ticker.tick()
    ticker.line("a line")
    ticker.done(seconds=3.21, detail="12 files")
    ticker.done()
    ticker.begin("Apply")
    ticker.fail(seconds=1)
    assert stream.getvalue() == "· Build …\na line\n✓ Build  12 files  3.2s\n· Apply …\n✗ Apply  1.0s\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_draws_the_running_step_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    ticker = Ticker(stream)
    ticker.begin("Build")
    ticker.done(seconds=1)
    assert stream.getvalue().startswith("\r\033[K")
    assert stream.getvalue().endswith("Build  0.0s\r\033[K✓ Build  1.0s\n")


def test_silent_progress() -> None:
    stream = Terminal()
    ticker = Ticker(stream, enabled=False)
    ticker.begin("Build")
    ticker.done()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ([], Request()),
        (["orders"], Request("orders")),
        (["set", "A=1"], Request(None, {"A": "1"})),
        (["orders", "set", "A=", "B=x=y"], Request("orders", {"A": "", "B": "x=y"})),
        (["orders", "unset", "A", "B"], Request("orders", unset=("A", "B"))),
    ],
)
def test_config_words(words: list[str], request_: Request) -> None:
    assert understand(words, secret=False) == request_


def test_a_secret_without_a_value_is_asked_for() -> None:
    assert understand(["set", "KEY"], secret=True) == Request(None, {"KEY": None})
    with pytest.raises(InvalidInput):
        understand(["set", "KEY"], secret=False)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ([], (None, None)),
        (["orders"], ("orders", None)),
        (["v3"], (None, "v3")),
        (["3"], (None, "v3")),
        (["orders", "v3"], ("orders", "v3")),
        (["v3", "v3"], ("v3", "v3")),
    ],
)
def test_rollback_words(words: list[str], meant: tuple[str | None, str | None]) -> None:
    assert which(words) == meant


def test_scale_words() -> None:
    assert counts(["orders", "web=3", "worker=0"]) == ("orders", {"web": 3, "worker": 0})
    assert counts(["web=3"]) == (None, {"web": 3})
    for wrong in (["orders"], ["web=-1"], ["web=many"], ["=3"], ["web=²"]):
        with pytest.raises(InvalidInput):
            counts(wrong)
