"""Runs one command of a resource in a sandbox, in a folder of its own that stays.

The command sees the machine's programs, the files it was given, `/state` (its own folder, the working directory) and
the network if it asks for it; nothing of the platform's. Its environment is what was declared, `ROADBED_TOKEN` and
`ROADBED_ACTION`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roadbed.kit.errors import InvalidInput, OperationFailed
from roadbed.providers.driver import Report, Transient
from roadbed.sandbox import detect
from roadbed.sandbox.domain import DEFAULT_UID, File, Limits, Mount, Sandbox
from roadbed.sandbox.run import Completed, run
from roadbed.secrets.masking import Masker

STATE = "/state"
MAX_OUTPUT = 512 * 1024
"""Bytes of a command's stdout, and of its stderr. One that prints more is ended."""

LIMITS = Limits(memory_mb=2048, processes=512, file_size_mb=1024, open_files=1024)

TRY_AGAIN = 75
"""The exit code that says so: EX_TEMPFAIL of sysexits(3)."""

NOT_STARTED = (126, 127)
"""The exit codes that say, as shells do, that a program can't be run or isn't there."""

_UID = DEFAULT_UID + 2
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Order:
    """`secrets` are texts that may not be shown; `silent` shows nothing. `timeout` in seconds."""

    action: str
    command: Sequence[str]
    token: str
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    network: bool = True
    timeout: float = 300
    secrets: tuple[str, ...] = ()
    silent: bool = False


class NotStarted(OperationFailed):
    """There was no program to run."""


class Runner:
    """`folder` holds a folder for each resource, by its id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def run(self, id: str, order: Order, report: Report) -> str:
        """What it printed. Raises Transient when it asks to be tried again, OperationFailed when it fails, InvalidInput
        for what can't be run at all.
        """
        _check_order(order)
        masker = Masker(order.secrets)

        async def line(text: str) -> None:
            await report(masker.mask(text)[:500])

        done = await run(
            self._sandbox(id, order),
            order.command,
            stdin=order.stdin.encode(),
            timeout=order.timeout,
            max_output=MAX_OUTPUT,
            flood=MAX_OUTPUT,
            on_line=None if order.silent else line,
        )
        _check(done, order, masker)
        return _text(done.stdout, order)

    def forget(self, id: str) -> None:
        shutil.rmtree(self._place(id), ignore_errors=True)

    def _sandbox(self, id: str, order: Order) -> Sandbox:
        state = self._state(id)
        plain = detect.host().bwrap is None  # without a sandbox the folder is at its own place
        where = str(state) if plain else STATE
        environment = {"PATH": _PATH, "HOME": where, "LC_ALL": "C.UTF-8", **order.environment}
        return Sandbox(
            mounts=(Mount(str(state), where, writable=True),),
            files={path: File(text.encode()) for path, text in order.files.items()},
            environment={**environment, "ROADBED_TOKEN": order.token, "ROADBED_ACTION": order.action},
            workdir=where,
            network=order.network,
            uid=_UID,
            gid=_UID,
            limits=LIMITS,
        )

    def _state(self, id: str) -> Path:
        place = self._place(id)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.geteuid() == 0:
            os.chown(place, _UID, _UID, follow_symlinks=False)
        return place

    def _place(self, id: str) -> Path:
        if not id or not id.replace("-", "").isalnum():
            raise InvalidInput(f"{id!r} is not the id of a command")
        return self._folder / id


def _check_order(order: Order) -> None:
    """What no process can be given."""
    if not order.command[0]:
        raise InvalidInput(f"the {order.action} command names no program", hint="begin it with one")
    for name in order.environment:
        if not name or "=" in name:
            raise InvalidInput(f"{name!r} is no name of a variable", hint="use letters, digits and _")
    if any("\0" in text for text in (*order.command, *order.environment, *order.environment.values())):
        raise InvalidInput(f"the {order.action} command holds a NUL character", hint="pass binary data in base64")


def _text(printed: bytes, order: Order) -> str:
    if b"\0" in printed:
        raise OperationFailed(f"the {order.action} command printed no text", hint="print binary data in base64")
    return printed.decode(errors="replace")


def _check(done: Completed, order: Order, masker: Masker) -> None:
    what = f"the {order.action} command"
    if done.timed_out:
        raise OperationFailed(
            f"{what} did not end within {order.timeout:g} s", hint="raise timeout_s, or make it quicker"
        )
    if done.truncated:
        raise OperationFailed(f"{what} printed more than {MAX_OUTPUT // 1024} kB", hint="print only the outputs")
    if done.code == TRY_AGAIN:
        raise Transient(f"{what} asks to be tried again: {masker.mask(_last_words(done, order))}")
    if done.code in NOT_STARTED:
        raise NotStarted(
            f"{what} found no program to run: {masker.mask(_last_words(done, order))}",
            hint="name a program of the machine, or give the script in `files` and run it by its interpreter",
        )
    if done.code:
        raise OperationFailed(
            f"{what} ended with code {done.code}: {masker.mask(_last_words(done, order))}",
            hint="mend the command, and apply again",
        )


def _last_words(done: Completed, order: Order) -> str:
    if order.silent and order.action != "read":
        return "what it said is sensitive"
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else "it said nothing on stderr"


def parsed(text: str, what: str) -> Any:
    """Raises OperationFailed, which shows nothing of the text."""
    found: Any = None
    wrong = "\\u0000" in text  # which no text of a database holds
    try:
        found = json.loads(text, parse_constant=_no_number)
        json.dumps(found, allow_nan=False)  # 1e999 was read as an infinity
    except (ValueError, RecursionError):
        wrong = True
    if wrong:
        raise OperationFailed(f"{what} printed no JSON", hint="print one JSON object, and messages to stderr")
    return found


def _no_number(word: str) -> None:
    """NaN and Infinity, which Python reads and JSON doesn't have."""
    raise ValueError(word)
