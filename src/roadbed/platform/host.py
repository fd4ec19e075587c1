"""Runs people's programs: one process a request, alone, with nothing but the SDK and the folder of the program.

Answers are remembered by request and revision of the folder: a program can't know anything else, so it would answer the
same again.
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from roadbed import sdk
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.platform.packs import Pack
from roadbed.platform.repo import PlatformRepo
from roadbed.platform.snapshots import BlockFolder
from roadbed.platform.spare import Spare, stand
from roadbed.sandbox import detect
from roadbed.sandbox.domain import DEFAULT_UID, Host, Limits, Mount, Sandbox
from roadbed.sandbox.run import Completed, Started, start
from roadbed.sdk.document import GraphDocument

log = logging.getLogger(__name__)

PROVISIONERS, POLICIES = "provisioners", "policies"
TIMEOUT_S = 15.0
LIMITS = Limits(memory_mb=512, cpu_seconds=20, processes=128, file_size_mb=16, open_files=256)
MAX_ANSWER = 64 * 1024 * 1024

_GRACE_S = 5.0
"""How much longer than its time a program has that doesn't let itself be stopped, and so can't be told its line."""
_FLOOD = 512 * 1024 * 1024
"""Bytes after which a program is ended that can't be stopped at its line: what it started writes, or it won't be."""
_UID = DEFAULT_UID + 1
_SDK = Path(sdk.__path__[0])
_IMPORTS, _PACKS, _BLOCKS = "/opt/roadbed", "/opt/packs", "/opt/blocks"
_START = "import sys; sys.path.insert(0, sys.argv[1]); from roadbed.sdk.host import main; main()"
_REMEMBERED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of programs. `shown` is how people call it, `what` how a sentence does; `revision` changes with it.

    `library` is a folder whose files they may import by its name, `library_shown` how people call that. `packs` are
    packs of policies, `blocks` building blocks.
    """

    folder: Path
    shown: str
    what: str
    revision: str
    library: Path | None = None
    library_shown: str = ""
    packs: Sequence[Pack] = ()
    blocks: Sequence[BlockFolder] = ()


class ProgramHost:
    """`spare` is where a process for the next judgement stands ready; without it each starts when it is asked."""

    def __init__(
        self,
        repo: PlatformRepo,
        *,
        timeout_s: float = TIMEOUT_S,
        machine: Host | None = None,
        spare: Spare | None = None,
    ) -> None:
        self._repo = repo
        self._spare = spare
        self._timeout_s = timeout_s
        self._machine = machine
        self._answers = _Answers()

    async def ask(
        self,
        kind: str,
        request: Mapping[str, Any],
        packs: Sequence[Pack] = (),
        blocks: Sequence[BlockFolder] = (),
    ) -> dict[str, Any]:
        """A request to the programs of the platform repo: of `kind` "provision", "provisions" or "offers", which go to
        these `blocks`, too, or one to the policies of `packs`.

        Requests and answers are those of `roadbed.sdk.host`, less what it says of folders. Raises InvalidInput, with
        the user's own file and line where there is one, for whatever a program does wrong.
        """
        name = PROVISIONERS if kind in ("provision", "provisions", "offers") else POLICIES
        installed = (pack.installed.revision for pack in packs if pack.installed)
        revision = " ".join((self._repo.revision(), *installed, *(block.digest for block in blocks)))
        what = f"the programs in {name}/ of the platform repo"
        programs = Programs(self._repo.programs(name), name, what, revision, packs=packs, blocks=blocks)
        return await self._ask(kind, programs, request)

    async def ask_blocks(
        self, kind: str, request: Mapping[str, Any], blocks: Sequence[BlockFolder], empty: Path
    ) -> dict[str, Any]:
        """A request to these building blocks alone; `empty` is a folder without programs."""
        what = f"the building block {blocks[0].name}" if len(blocks) == 1 else "the building blocks"
        revision = " ".join(block.digest for block in blocks)
        return await self._ask(kind, Programs(empty, PROVISIONERS, what, revision, blocks=blocks), request)

    async def declare(self, programs: Programs, request: Mapping[str, Any]) -> GraphDocument:
        """The graph that a folder's `roadbed.py` declares for the request's stack."""
        answer = await self._ask("declare", programs, request)
        try:
            document = msgspec.convert(answer["graph"], GraphDocument)
        except (msgspec.ValidationError, KeyError):
            raise InvalidInput(f"what {programs.what} answered can't be read", hint=_SPOILED) from None
        _check_urns(document, request["stack"], programs)
        return document

    async def _ask(self, kind: str, programs: Programs, request: Mapping[str, Any]) -> dict[str, Any]:
        machine = self._machine or detect.host()
        seen = str if machine.bwrap is None else _seen
        folder = seen(programs.folder)
        host: dict[str, Any] = {"version": 1, "kind": kind, "programs": folder, "shown": programs.shown}
        host["seconds"] = self._timeout_s
        if programs.packs:
            host["packs"] = [
                _pack(pack, programs.folder, isolated=machine.bwrap is not None) for pack in programs.packs
            ]
        if programs.blocks:
            host["blocks"] = [_block(block, isolated=machine.bwrap is not None) for block in programs.blocks]
        if programs.library is not None:
            host["library"] = {"folder": seen(programs.library), "shown": programs.library_shown}
        text = msgspec.json.encode({**request, **host}, order="deterministic")
        key = hashlib.sha256(programs.revision.encode() + b"\n" + text).hexdigest()
        if (answer := self._answers.get(key)) is None:
            answer = await self._run(kind, programs, text, machine)
            self._answers.remember(key, answer)
        found: dict[str, Any] = msgspec.json.decode(answer)  # anew, so that nobody changes what is remembered
        return found

    async def _run(self, kind: str, programs: Programs, request: bytes, machine: Host) -> bytes:
        started = await (self._kept(programs, machine) if kind == "judge" else _started(programs, machine))
        done = await started.finish(
            stdin=request, timeout=self._timeout_s + _GRACE_S, max_output=MAX_ANSWER, flood=_FLOOD
        )
        if done.stderr:
            log.info("%s printed: %s", programs.what, done.stderr[:_MOST_LOGGED].decode(errors="replace").strip())
        self._check(done, programs)
        return done.stdout

    async def _kept(self, programs: Programs, machine: Host) -> Started:
        """The spare process, or else a new one; and the next one is made."""
        if self._spare is None:
            return await _started(programs, machine)
        wanted = stand(_sandbox_of(programs), machine, programs.revision)
        taken = await self._spare.take(wanted)
        self._spare.make(wanted, lambda: _started(programs, machine))
        return taken or await _started(programs, machine)

    def _check(self, done: Completed, programs: Programs) -> None:
        """Raises InvalidInput unless this is an answer."""
        what = programs.what
        if len(done.stdout) >= MAX_ANSWER:
            raise InvalidInput(f"{what} declared more than {MAX_ANSWER // 1024**2} MB", hint="declare less")
        if done.flooded:
            raise InvalidInput(f"{what} wrote more than {_FLOOD // 1024**2} MB, and was ended", hint=_SILENT)
        if done.timed_out:
            raise InvalidInput(f"{what} did not end within {self._timeout_s:g} s", hint=_QUICK)
        if done.code:
            raise InvalidInput(f"{what} ended with code {done.code}: {_last_line(done)}", hint=_ENDED)
        if not done.stdout:
            raise InvalidInput(f"{what} ended the process before it had answered", hint=_ENDED)
        try:
            error = msgspec.json.decode(done.stdout).get("error")
        except (msgspec.DecodeError, AttributeError, RecursionError):
            raise InvalidInput(f"what {what} answered can't be read", hint=_SPOILED) from None
        if error:
            hint = f"mend it in {programs.shown or programs.what}"
            several = error.get("problems") or ()
            problems = [Problem(each["message"], each.get("hint") or hint, **_place(each)) for each in several]
            own = None if problems else error.get("hint") or hint
            raise InvalidInput(error["message"], hint=own, problems=problems, **_place(error))


def _place(error: Mapping[str, Any]) -> dict[str, Any]:
    return {key: error.get(key) for key in ("file", "line", "column")}


def _started(programs: Programs, machine: Host) -> Awaitable[Started]:
    imports = str(_SDK.parent.parent) if machine.bwrap is None else _IMPORTS
    command = [machine.python, "-I", "-S", "-B", "-c", _START, imports]
    return start(_sandbox_of(programs), command, host=machine)


def _sandbox_of(programs: Programs) -> Sandbox:
    folders = filter(None, (programs.folder, programs.library))
    return sandbox(*folders, packs=programs.packs, blocks=programs.blocks)


class _Answers:
    """What programs answered, the latest first to stay: a bounded number of bytes."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> bytes | None:
        if key in self._known:
            self._known.move_to_end(key)
        return self._known.get(key)

    def remember(self, key: str, answer: bytes) -> None:
        if key in self._known:
            return
        self._known[key] = answer
        self._size += len(answer)
        while self._size > _REMEMBERED_BYTES:
            self._size -= len(self._known.popitem(last=False)[1])


_MOST_LOGGED = 20_000
_QUICK = "a program declares and nothing else: look for an endless loop"
_SILENT = "a program declares and nothing else: it need not write, nor start what writes"
_ENDED = f"a program may not end the process, and has {LIMITS.memory_mb} MB of memory and {LIMITS.cpu_seconds} s of CPU"
_SPOILED = "a program declares and nothing else: it may not write to descriptors that it didn't open"


def _check_urns(document: GraphDocument, stack: str, programs: Programs) -> None:
    """A program hands back its own stack and no other, whatever it did to its process."""
    if document["stack"] != stack or any(not one["urn"].startswith(f"{stack}/") for one in document["resources"]):
        raise InvalidInput(f"{programs.what} declared resources of another stack than {stack}", hint=_SPOILED)


def sandbox(*folders: Path, packs: Sequence[Pack] = (), blocks: Sequence[BlockFolder] = ()) -> Sandbox:
    """The SDK, the programs, blocks and installed packs, read-only; no network, no environment, no other folder."""
    mounts = {f"{_IMPORTS}/roadbed/sdk": _SDK}
    mounts |= {_seen(folder): folder for folder in folders if folder.is_dir()}
    mounts |= {f"{_PACKS}/{pack.installed.shown}": pack.installed.folder for pack in packs if pack.installed}
    mounts |= {_seen_block(block): block.folder for block in blocks}
    return Sandbox(
        mounts=tuple(Mount(str(source), target) for target, source in mounts.items()),
        environment={"LC_ALL": "C.UTF-8"},
        network=False,
        uid=_UID,
        gid=_UID,
        tmp_mb=16,
        limits=LIMITS,
    )


def _seen(folder: Path) -> str:
    return f"/programs/{folder.name}"


def _seen_block(block: BlockFolder) -> str:
    """Two versions of one block may be asked at once."""
    return f"{_BLOCKS}/{block.digest}/{block.name}"


def _block(block: BlockFolder, *, isolated: bool) -> dict[str, Any]:
    """As the host of programs is told of it."""
    folder = _seen_block(block) if isolated else str(block.folder)
    return {"name": block.name, "folder": folder, "shown": block.shown}


def _pack(pack: Pack, programs: Path, *, isolated: bool) -> dict[str, Any]:
    """As the host of programs is told of it."""
    if (installed := pack.installed) is None:
        seen = Path(_seen(programs), pack.folder.relative_to(programs)) if isolated else pack.folder
        return {"name": pack.name, "folder": str(seen)}
    path = Path(_PACKS) if isolated else installed.root
    place = {"path": str(path), "folder": str(path / installed.shown), "shown": installed.shown}
    return {"name": pack.name, "module": installed.module, **place}


def _last_line(done: Completed) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else "it said nothing"
