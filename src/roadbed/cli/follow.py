"""Following an operation to its end, as a person sees it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import typer

from roadbed.cli.errors import INTERRUPTED
from roadbed.cli.output import say, style
from roadbed.cli.stopping import cancelled, stops, told_to_stop
from roadbed.cli.style import Style
from roadbed.cli.text import clean, parse_time, plural
from roadbed.cli.ticker import Ticker
from roadbed.cli.watch import Changed, Logged, Lost, Seen, watch
from roadbed.client.client import Client
from roadbed.client.problems import error_of
from roadbed.kit.errors import OperationFailed, RoadbedError, Unavailable

if TYPE_CHECKING:
    from roadbed.client.models import Operation, OperationLogLine, OperationStep

_TAIL = 15
_ORDINALS = {2: "2nd", 3: "3rd"}


class View(Protocol):
    """What shows an operation. `operation` is how it was last seen; `stop` leaves the terminal in order."""

    operation: Operation | None

    def show(self, seen: Seen | None) -> None: ...
    def stop(self) -> None: ...


def follow(
    client: Client,
    identifier: str,
    *,
    verbose: bool = False,
    progress: bool = True,
    again: str = "",
    waits: bool = False,
) -> Operation:
    """Shows the steps of an operation as they go; returns it when it succeeded, raises its error when it failed. One
    that waits for an approval is returned, too, unless this `waits` for that.

    `again` is the command that goes on where a cancelled one stopped. Ctrl-C stops the watching, not the work, and says
    so.
    """
    view = _View(Ticker(enabled=progress), verbose=verbose)
    operation = see_through(client, identifier, view, waits=waits)
    if operation["state"] not in ("succeeded", "waiting"):
        error = failure_of(operation, again=again)
        if progress:
            _show_tail(_failed_lines(operation, list(view.tail) or _log(client, identifier)), error)
        raise error
    return operation


def see_through(client: Client, identifier: str, view: View, *, waits: bool = False) -> Operation:
    """Shows an operation by `view` to its end, or until it waits for somebody, unless this `waits` for that, too."""
    try:
        for seen in watch(client.operations, identifier, waits=waits):
            view.show(seen)
    except KeyboardInterrupt:
        view.stop()
        say(f"\nYou stopped watching; the work goes on. To watch it again: roadbed ops show {identifier} --follow")
        say(f"To stop it: roadbed ops cancel {identifier}")
        raise typer.Exit(INTERRUPTED) from None
    except Unavailable as away:
        raise _lost(away, identifier) from away
    finally:
        view.stop()
    if view.operation is None:
        raise OperationFailed("the operation's end was not seen", hint=f"see `roadbed ops show {identifier}`")
    return view.operation


def _lost(error: Unavailable, identifier: str) -> Unavailable:
    """The work was accepted and is the platform's: a server that comes back takes it up again."""
    again = f"{identifier} goes on; to watch it again: roadbed ops show {identifier} --follow"
    return Unavailable(
        f"{error.message}; the end of {identifier} was not seen",
        hint="\n".join(line for line in (error.hint, again) if line),
    )


def taken_up_again(operation: Operation) -> str:
    """`taken up again after the server ended`, and how often; empty for the work of one server."""
    times = operation.get("attempt", 1) - 1
    often = f", for the {_ORDINALS.get(times, f'{times}th')} time" if times > 1 else ""
    return f"taken up again after the server ended{often}" if times > 0 else ""


class Notices:
    """What befalls an operation besides its steps. Each is told once."""

    def __init__(self) -> None:
        self._attempt = 1
        self._stops = False

    def of(self, operation: Operation, style: Style) -> list[str]:
        """The lines that are new since it was last seen."""
        lines = []
        if operation.get("attempt", 1) > self._attempt:
            self._attempt = operation["attempt"]
            lines.append(f"{style.paint('↻', 'yellow')} {taken_up_again(operation)}")
        if stops(operation) and not self._stops:
            self._stops = True
            lines.append(f"{style.paint('⊘', 'yellow')} {told_to_stop(operation)}")
        return lines


def step_seconds(step: OperationStep) -> float | None:
    began, ended = parse_time(step.get("started_at")), parse_time(step.get("ended_at"))
    return (ended - began).total_seconds() if began and ended else None


def counted(step: OperationStep) -> str:
    """How far it is, and at what: `3/5 starting web`."""
    total = step.get("total") or 0
    parts = [f"{step.get('done') or 0}/{total}" if total else "", step.get("message") or ""]
    return " ".join(part for part in parts if part)


class _View:
    """What was shown so far: each step's end once, the running one alive."""

    def __init__(self, ticker: Ticker, *, verbose: bool) -> None:
        self.ticker = ticker
        self.tail: deque[OperationLogLine] = deque(maxlen=_TAIL)
        self.operation: Operation | None = None
        self._verbose = verbose
        self._shown: set[str] = set()
        self._notices = Notices()
        self._lost = False

    def stop(self) -> None:
        self.ticker.stop()

    def show(self, seen: Seen | None) -> None:
        match seen:
            case None:
                self.ticker.tick()
            case Lost(error):
                self._lose(error)
            case Logged(line):
                self._lost = False
                self._log(line)
            case Changed(operation):
                self._lost = False
                self._operation(operation)

    def _lose(self, error: Unavailable) -> None:
        if not self._lost:
            self.ticker.line(f"{error.message}; trying again for a minute …")
        self._lost = True

    def _log(self, line: OperationLogLine) -> None:
        text = clean(line["text"])
        self.tail.append(line)
        if self._verbose:
            self.ticker.line(style().paint(f"    {text}", "dim"))
        elif text.strip():
            self.ticker.detail(text)

    def _operation(self, operation: Operation) -> None:
        self.operation = operation
        for notice in self._notices.of(operation, style()):
            self.ticker.line(notice)
        if operation["state"] == "queued" and self.ticker.running is None:
            self.ticker.begin("Waiting for its turn")
        for step in operation.get("steps") or ():
            if step["state"] != "skipped" or operation["state"] == "succeeded":  # else it never came to that step
                self._step(step)
        if operation["state"] == "failed":
            self.ticker.fail()

    def _step(self, step: OperationStep) -> None:
        name, title = step["name"], step.get("title") or step["name"]
        if name in self._shown or step["state"] == "waiting":
            return
        if self.ticker.running != title:
            self.ticker.stop()
            self.ticker.begin(title)
        if step["state"] == "running":
            self.ticker.detail(counted(step))
            return
        self._shown.add(name)
        if step["state"] == "failed":
            self.ticker.fail(seconds=step_seconds(step))
        else:
            detail = "unchanged" if step["state"] == "skipped" else step.get("message") or ""
            self.ticker.done(seconds=step_seconds(step), detail=clean(detail))


def _log(client: Client, identifier: str) -> list[OperationLogLine]:
    with suppress(RoadbedError):
        return client.operations.log(identifier)["items"]
    return []


def _failed_lines(operation: Operation, log: Sequence[OperationLogLine]) -> list[str]:
    """The last lines of what failed; all steps' where none did."""
    failed = {step["name"] for step in operation.get("steps") or () if step["state"] == "failed"}
    return [clean(line["text"]) for line in log if not failed or line.get("step") in failed][-_TAIL:]


def _show_tail(lines: list[str], error: RoadbedError) -> None:
    """The end of the log, unless the error tells it itself."""
    if lines and lines[-1].strip() not in error.message:
        say(style().paint(f"the last {plural(len(lines), 'line')} of its log:", "dim"))
        for line in lines:
            say(f"  {line}")


def failure_of(operation: Operation, *, told: str = "", again: str = "") -> RoadbedError:
    """Why it did not succeed. Of a cancelled one `told` says how far it came, `again` the command that goes on."""
    if operation["state"] == "cancelled":
        return cancelled(operation, told=told, again=again)
    return error_of(operation.get("error") or {"detail": f"{operation['title']} failed", "code": "operation_failed"})
