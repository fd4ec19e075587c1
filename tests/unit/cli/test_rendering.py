"""What is printed, by equality."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.cli import errors
from roadbed.cli.config import Request, understand
from roadbed.cli.plan_view import render as render_plan
from roadbed.cli.releases import which
from roadbed.cli.scaling import counts
from roadbed.cli.style import Style
from roadbed.cli.text import ago, clean, duration, pairs, shorten, size, table, width
from roadbed.cli.ticker import Ticker
from roadbed.kit.errors import InvalidInput, NotFound, RoadbedError


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


def change(path: str, before: Any, after: Any, **more: bool) -> dict[str, Any]:
    return {"path": path, "before": before, "after": after, **more}


def test_a_plan() -> None:
    plan: Any = {
        "number": 4,
        "stack": "orders@dev",
        "summary": {"create": 1, "update": 1, "replace": 1, "delete": 1, "none": 3},
        "steps": [
            {
                "urn": "orders@dev/web/db#postgres:Database",
                "type": "postgres:Database",
                "name": "db",
                "action": "create",
                "changes": [change("name", None, "orders")],
                "source": {"file": "score.yaml", "line": 14},
            },
            {
                "urn": "orders@dev/web/web#runtime:Service",
                "type": "runtime:Service",
                "name": "web",
                "action": "update",
                "changes": [
                    change("replicas", 1, 2),
                    change("variables.PASSWORD", "a1", "b2", secret=True),
                    change("variables.HOST", None, None, unknown=True),
                ],
            },
            {
                "urn": "orders@dev/route#gateway:Route",
                "type": "gateway:Route",
                "name": "route",
                "action": "replace",
                "interrupting": True,
                "changes": [change("host", "a", "b", replaces=True)],
            },
            {"urn": "orders@dev/web/old#runtime:Job", "type": "runtime:Job", "name": "old", "action": "delete"},
            {"urn": "orders@dev/web/same#runtime:Job", "type": "runtime:Job", "name": "same", "action": "none"},
        ],
        "verdicts": [
            {
                "policy": "no-public",
                "level": "advisory",
                "resource": "db",
                "message": "it is public",
                "remedy": "drop acl",
            }
        ],
    }
    assert (
        render_plan(plan)
        == """\
Plan 4 of orders@dev

  web
    + db  postgres:Database  score.yaml:14
        name  "orders"
    ~ web  runtime:Service
        replicas            1 → 2
        variables.PASSWORD  ••• → •••
        variables.HOST      (none) → (known after it is applied)
    - old  runtime:Job

  orders@dev
    ± route  gateway:Route  (interrupts the service)
        host  "a" → "b"  (makes it anew)

  advisory no-public: db: it is public
    → drop acl

1 to create, 1 to update, 1 to replace, 1 to delete; 3 unchanged."""
    )


def test_a_plan_that_changes_nothing() -> None:
    plan: Any = {"number": None, "stack": "orders@dev", "summary": {"none": 1}, "steps": []}
    assert render_plan(plan) == "Plan of orders@dev\n\nNothing to change: 1 resource as declared."


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
