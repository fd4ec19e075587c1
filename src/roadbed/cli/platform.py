"""`roadbed up`, `down` and `server`."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from roadbed.cli import processes
from roadbed.cli.errors import shows_progress
from roadbed.cli.group import command_group, examples
from roadbed.cli.output import Format, say, show, style
from roadbed.cli.parameters import Output
from roadbed.cli.ticker import Ticker
from roadbed.client.client import Client
from roadbed.client.credentials import Credentials
from roadbed.client.local import Ready, RunFiles, ServerProcess
from roadbed.kit.errors import Unavailable
from roadbed.kit.home import roadbed_home

_POLL_SECONDS = 0.05
_ANSWER_SECONDS = 30.0
"""In which a server that says it is ready, or did before, must answer: its database may be on the way back."""

Port = Annotated[
    int | None, typer.Option("--port", min=1, max=65535, help="Listen here; the next free one when it is taken.")
]

app = command_group()


@app.command(
    epilog=examples(
        "roadbed up                stays in the foreground; Ctrl-C stops all of it",
        "roadbed up --detach       returns once it is ready",
        "roadbed up -d --port 7000",
    )
)
def up(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return once it is ready.")] = False,
    port: Port = None,
    output: Output = Format.text,
) -> None:
    """Start the platform on this machine.

    The server, its databases, the gateway, and the applications that ran before.
    """
    files = RunFiles(roadbed_home())
    ticker = Ticker(enabled=shows_progress(output is Format.json))
    signal.signal(signal.SIGINT, _interrupt)
    try:
        process, ready, already = _start(files, port, ticker)
    except KeyboardInterrupt:
        ticker.stop()
        say("\nStopping.")
        _stop_everything(files, ticker)
        raise typer.Exit(130) from None
    finally:
        ticker.stop()
    announce = partial(_announce, files, ready, output, already=already)
    if detach or already:
        announce()
    else:
        _stay(files, process, announce)


def _start(files: RunFiles, port: int | None, ticker: Ticker) -> tuple[ServerProcess, Ready, bool]:
    """The server, once it answers, and whether it ran before. Raises why it could not start."""
    while True:
        with processes.starting(files):
            running = files.server()
            process = running or processes.launch(files, port)
        if (ready := _await_ready(files, process, ticker)) is not None:
            return process, ready, running is not None
        if running is None:
            raise processes.died(files, process)
        # The one that ran before was just ending: now there is room for ours.


def _await_ready(files: RunFiles, process: ServerProcess, ticker: Ticker) -> Ready | None:
    """Shows what the start does, until the server answers; None when it ends before. Raises why it doesn't answer.

    Of a server that was ready before, nothing is shown.
    """
    told = len(_progress(files.progress)) if files.ready(process) else 0
    patience_ends = math.inf
    while True:
        lines = _progress(files.progress)
        for line in lines[told:]:
            ticker.done()
            ticker.begin(line)
        told = len(lines)
        if not process.alive():
            ticker.fail()
            return None
        if ready := files.ready(process):
            patience_ends = min(patience_ends, time.monotonic() + _ANSWER_SECONDS)
            if _answers(ready.url, last_try=time.monotonic() > patience_ends):
                ticker.done()
                return ready
        ticker.tick()
        time.sleep(_POLL_SECONDS)


def _progress(path: Path) -> list[str]:
    """The lines that are whole."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    except OSError:
        return []


def _answers(url: str, *, last_try: bool) -> bool:
    try:
        return Client(Credentials(url), timeout=2).platform.health().get("status") == "ok"
    except Unavailable as error:
        if last_try:
            hint = "its log says more; `roadbed down`, then `roadbed up` starts all of it anew"
            raise Unavailable(f"the server runs but can't work: {error.message}", hint=hint) from error
        return False


def _announce(files: RunFiles, ready: Ready, output: Format, *, already: bool) -> None:
    data = {"url": ready.url, "login_url": ready.login_url, "already_running": already, "home": str(files.home)}
    if output is not Format.text:
        show(data, output, lambda _data, _style: "")
    else:
        verb = "is running already" if already else "is ready"
        say(f"{style().paint('●', 'green')} Roadbed {verb} at {style().paint(ready.url, 'bold')}")
        if ready.login_url:
            say(f"  First login, once: {style().paint(ready.login_url, 'bold')}")
        say("  Next: roadbed new python-api orders   ·   to stop: roadbed down")
    if ready.login_url:
        files.forget_login_url(ready)


def _stay(files: RunFiles, process: ServerProcess, announce: Callable[[], None]) -> None:
    """Shows the log until Ctrl-C, then stops everything; ends with the server if that ends first."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        announce()
        for line in _log_lines(files, process):
            say(line)
    except KeyboardInterrupt:
        say("\nStopping. (`roadbed up --detach` starts it in the background.)")
        _stop_everything(files, Ticker())
        return
    raise Unavailable("the server ended", hint="\n".join([f"the end of {files.log}:", *processes.tail(files)]))


_interrupts: list[int] = []
"""The signals that came. Python drops what is raised while it tidies up, so that a loop must look here, too."""


def _interrupt(number: int, _frame: object) -> NoReturn:
    _interrupts.append(number)
    raise KeyboardInterrupt


def _log_lines(files: RunFiles, process: ServerProcess) -> Iterator[str]:
    """What the server prints from now on, for as long as it lives."""
    with files.log.open(encoding="utf-8", errors="replace") as log:
        log.seek(0, 2)
        while process.alive():
            if _interrupts:
                raise KeyboardInterrupt
            while line := log.readline():
                yield line.rstrip("\n")
            time.sleep(0.2)


@app.command(epilog=examples("roadbed down"))
def down(output: Output = Format.text) -> None:
    """Stop the platform and all that it runs.

    Applications, gateway and databases too. What they hold is kept: `roadbed up` brings all of it back.
    """
    files = RunFiles(roadbed_home())
    was_running = files.server() is not None
    _stop_everything(files, Ticker(enabled=shows_progress(output is Format.json)))
    if output is not Format.text:
        show({"status": "stopped", "was_running": was_running}, output, lambda _data, _style: "")
    else:
        say("Roadbed is stopped." if was_running else "Roadbed was not running.")


def _stop_everything(files: RunFiles, ticker: Ticker) -> None:
    if not files.home.exists():
        return
    try:
        if (process := files.server()) is not None:
            ticker.begin("Stopping the server")
            processes.end(process, ticker.tick)
            ticker.done()
        processes.stop_the_rest(lambda line: _next(ticker, line))
        ticker.done()
    finally:
        ticker.stop()


def _next(ticker: Ticker, line: str) -> None:
    ticker.done()
    ticker.begin(line)


@app.command(
    epilog=examples(
        "roadbed server                        all roles, in the foreground: for systemd and containers",
        "roadbed server --roles api            several of these behind a balancer, and elsewhere …",
        "roadbed server --roles worker,agent",
    )
)
def server(
    roles: Annotated[
        str | None, typer.Option("--roles", metavar="ROLES", help="Of api, worker and agent; default: all.")
    ] = None,
    port: Port = None,
) -> None:
    """Run the platform's server in the foreground.

    Ending it leaves the applications running; `roadbed down` stops them too.
    """
    processes.become_server(RunFiles(roadbed_home()), roles, port)
