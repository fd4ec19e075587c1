"""Runs the programs of the platform repo: one process a request, alone, with nothing but the SDK and the programs.

Answers are remembered by request and revision of the repo: a program can't know anything else, so it would answer the
same again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roadbed import sdk
from roadbed.kit.errors import InvalidInput
from roadbed.platform.repo import PlatformRepo
from roadbed.sandbox import detect
from roadbed.sandbox.domain import DEFAULT_UID, Host, Limits, Mount, Sandbox
from roadbed.sandbox.run import Completed, run

log = logging.getLogger(__name__)

PROGRAMS = {"provision": "provisioners", "judge": "policies"}
TIMEOUT_S = 20.0
LIMITS = Limits(memory_mb=512, cpu_seconds=15, file_size_mb=16, open_files=256)
MAX_ANSWER = 16 * 1024 * 1024

_UID = DEFAULT_UID + 1
_SDK = Path(sdk.__path__[0])
_IMPORTS = "/opt/roadbed"
_START = "import sys; sys.path.insert(0, sys.argv[1]); from roadbed.sdk.host import main; main()"
_REMEMBERED = 256


class ProgramHost:
    def __init__(self, repo: PlatformRepo, *, timeout_s: float = TIMEOUT_S, machine: Host | None = None) -> None:
        self._repo = repo
        self._timeout_s = timeout_s
        self._machine = machine
        self._answers: OrderedDict[str, str] = OrderedDict()

    async def ask(self, kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """One request of `roadbed.sdk.host`'s protocol, `kind` "provision" or "judge", less `version` and `programs`.

        Raises InvalidInput, with the user's own file and line where there is one, for whatever a program does wrong.
        """
        machine = self._machine or detect.host()
        folder = self._repo.programs(PROGRAMS[kind])
        seen = str(folder) if machine.bwrap is None else _seen(folder)
        text = json.dumps({**request, "version": 1, "kind": kind, "programs": seen}, sort_keys=True)
        key = hashlib.sha256(f"{self._repo.revision()}\n{text}".encode()).hexdigest()
        if (answer := self._answers.get(key)) is None:
            answer = await self._run(folder, text, machine)
            self._remember(key, answer)
        found: dict[str, Any] = json.loads(answer)  # anew each time, so that nobody changes what is remembered
        return found

    def _remember(self, key: str, answer: str) -> None:
        self._answers[key] = answer
        if len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)

    async def _run(self, folder: Path, request: str, machine: Host) -> str:
        imports = str(_SDK.parent.parent) if machine.bwrap is None else _IMPORTS
        done = await run(
            sandbox(folder),
            [machine.python, "-I", "-S", "-B", "-c", _START, imports],
            stdin=request.encode(),
            timeout=self._timeout_s,
            max_output=MAX_ANSWER,
            host=machine,
        )
        if done.stderr:
            log.info("a program in %s printed: %s", folder.name, done.stderr.decode(errors="replace").strip())
        answer = done.stdout.decode(errors="replace")
        self._check(done, answer, folder)
        return answer

    def _check(self, done: Completed, answer: str, folder: Path) -> None:
        where = f"the programs in {folder.name}/ of the platform repo"
        if done.timed_out:
            raise InvalidInput(f"{where} did not end within {self._timeout_s:g} s", hint=_QUICK)
        if done.truncated:
            raise InvalidInput(f"{where} declared more than {MAX_ANSWER // 1024**2} MB", hint="declare less")
        try:
            error = json.loads(answer).get("error") if done.code == 0 else None
        except (ValueError, AttributeError):
            raise InvalidInput(f"{where} spoiled their own answer", hint="do not write to file descriptor 1") from None
        if done.code:
            raise InvalidInput(f"{where} ended with code {done.code}: {_last_line(done)}", hint=_ENDED)
        if error:
            hint = error.get("hint") or f"mend it in {self._repo.folder}"
            place = {key: error.get(key) for key in ("file", "line", "column")}
            raise InvalidInput(error["message"], hint=hint, **place)


_QUICK = "a program declares and nothing else: look for an endless loop"
_ENDED = "a program may not end the process, and has 512 MB of memory and 15 s of CPU"


def sandbox(folder: Path) -> Sandbox:
    """The SDK and the programs, read-only; no network, no environment, no other folder."""
    mounts = [Mount(str(_SDK), f"{_IMPORTS}/roadbed/sdk")]
    if folder.is_dir():
        mounts.append(Mount(str(folder), _seen(folder)))
    return Sandbox(
        mounts=tuple(mounts),
        environment={"LC_ALL": "C.UTF-8"},
        network=False,
        uid=_UID,
        gid=_UID,
        tmp_mb=16,
        limits=LIMITS,
    )


def _seen(folder: Path) -> str:
    return f"/platform/{folder.name}"


def _last_line(done: Completed) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
