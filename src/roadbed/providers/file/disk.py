"""What writes to the disk: below a root, never through a symbolic link, never half a file.

Every folder on the way is opened from its parent by descriptor and without following links, so nothing that changes a
path in between can lead out of the root.

Whose a path is, is kept in a ledger: a small file per path in `.roadbed/` at the top of the root. Extended attributes
would be lost by an editor that writes a file anew, and by many file systems; a file beside each would be seen by
whatever reads the folder. The claim is written before the file, so after a crash a creation finds its own claim, by its
token, and goes on. A file that another creation claimed is that one's, also if both went by the same URN: the first was
moved since. A file that nobody claimed is somebody else's.

A claim's URN is the one that its resource had when it last wrote: the ledger is told neither of moves nor of what a
stack forgets. So whoever comes with the claim's token has it under any URN. What was imported has no token: it has what
nobody claimed, what an import claimed, and what a creation of its own stack did, which let go of it before.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from roadbed.kit.errors import Conflict, InvalidInput, OperationFailed

LEDGER = ".roadbed"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Place:
    """A path below a root. `parts` holds neither `.` nor `..`, and is not empty."""

    root: Path
    parts: tuple[str, ...]

    @property
    def path(self) -> str:
        return str(self.root.joinpath(*self.parts))


@dataclass(frozen=True, slots=True)
class Owner:
    """Who claims a path: the resource, and its creation's token, empty for what was imported."""

    urn: str
    token: str

    @property
    def stack(self) -> str:
        return self.urn.partition("/")[0]

    @property
    def path(self) -> str:
        """Its name within the stack, as commands take it."""
        return self.urn.partition("#")[0].removeprefix(f"{self.stack}/")


@dataclass(frozen=True, slots=True)
class Found:
    """`content` is None where there is more than was asked for."""

    size: int
    mode: int
    sha256: str
    content: bytes | None


def write(place: Place, owner: Owner, content: bytes, mode: int, *, known: bool) -> None:
    """Makes or replaces the file at once, and claims it. `known`: the path is the resource's id.

    Raises Conflict for another's, and for one that nobody claimed if it isn't `known`.
    """
    with _parent(place, make=True) as parent:
        there = _kind(parent, place.parts[-1])
        if there is not None and not known and _owner(place) is None:
            raise Conflict(
                f"{place.path} is there already, and was not made by this resource",
                hint=f"import it, or choose another path: import_={place.path!r}",
            )
        _claim(place, owner, there=there == stat.S_IFREG, known=known)
        _replace(parent, place, content, mode)


def read(place: Place, limit: int) -> Found | None:
    """The file, with its content if that is no larger than `limit` bytes. None if there is no regular file."""
    try:
        with _parent(place, make=False) as parent, _opened(parent, place.parts[-1]) as file:
            status = os.fstat(file)
            return _found(file, status, limit) if stat.S_ISREG(status.st_mode) else None
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link stands where the file was
            return None
        raise


def refuse_import(place: Place, owner: Owner) -> None:
    """Raises Conflict for what a resource of another stack has claimed.

    What one of the same stack claimed passes: it may have been renamed and forgotten since, and only the stack knows.
    """
    found = _owner(place)
    if found is not None and found.stack != owner.stack:
        move = f"roadbed stack move {found.stack} {found.path} --to {owner.stack}/{owner.path}"
        raise Conflict(  # in one sentence: a plan that finds this tells no hint
            f"{place.path} belongs to {found.urn}: move it here with {move!r}, or, if {found.stack} has forgotten it, "
            f"import and change it there first"
        )


def remove(place: Place, owner: Owner, *, known: bool) -> None:
    """Removes the file, also when it is gone. `known`: the path is the resource's id, and what nobody claimed is its.

    Raises Conflict for another's file that is there. If it isn't `known`, its creation was refused: it has none there.
    """
    found = _owner(place)
    if (found is None and known) or (found is not None and _has(owner, found, known=known)):
        with contextlib.suppress(FileNotFoundError), _parent(place, make=False) as parent:
            os.unlink(place.parts[-1], dir_fd=parent)
        _unclaim(place)
    elif found is not None and known and _is_file(place):
        raise _taken(place, found, owner, known=True)


def make_folder(place: Place, owner: Owner, mode: int, *, known: bool) -> None:
    """Makes the folder, or uses the one that is there. Claims it only if it made it, or has its claim.

    Raises Conflict for another's, which would take it away with itself, unless it is `known` to be in use by this one.
    """
    with _parent(place, make=True) as parent:
        found = _owner(place)
        mine = found is not None and _has(owner, found, known=known)
        if mine or _kind(parent, place.parts[-1]) is None:
            _claim(place, owner, there=False, known=known)
        elif found is not None and not known:
            raise _taken(place, found, owner, known=False)
        with contextlib.suppress(FileExistsError):
            os.mkdir(place.parts[-1], 0o700, dir_fd=parent)
        with _opened(parent, place.parts[-1], _FOLDER) as folder:
            os.fchmod(folder, mode)


def folder_mode(place: Place) -> int | None:
    try:
        with _parent(place, make=False) as parent, _opened(parent, place.parts[-1], _FOLDER) as folder:
            return stat.S_IMODE(os.fstat(folder).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None


def remove_folder(place: Place, owner: Owner, *, contents: bool, known: bool) -> None:
    """Removes a folder that it made; one that it only used stays for whoever made it.

    Raises OperationFailed if something is in it and `contents` doesn't say so.
    """
    found = _owner(place)
    if found is None or not _has(owner, found, known=known):
        return
    with contextlib.suppress(FileNotFoundError), _parent(place, make=False) as parent:
        try:
            if contents:
                shutil.rmtree(place.parts[-1], dir_fd=parent)
            else:
                os.rmdir(place.parts[-1], dir_fd=parent)
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
            raise OperationFailed(f"{place.path} is not empty", hint="set delete_contents, or empty it") from None
    _unclaim(place)


def _replace(parent: int, place: Place, content: bytes, mode: int) -> None:
    """Written and synced under another name first: whoever reads the file sees all of the old or all of the new."""
    draft = f".{place.parts[-1][:100]}.{uuid4().hex}"
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=parent)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        os.rename(draft, place.parts[-1], src_dir_fd=parent, dst_dir_fd=parent)
        os.fsync(parent)
    except OSError as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=parent)
        if error.errno == errno.EISDIR:
            raise Conflict(f"{place.path} is a folder", hint="choose another path") from None
        raise


def _found(file: int, status: os.stat_result, limit: int) -> Found:
    digest, kept = hashlib.sha256(), bytearray()
    while chunk := os.read(file, 1024 * 1024):
        digest.update(chunk)
        kept += chunk if len(kept) <= limit else b""
    content = bytes(kept) if len(kept) <= limit else None
    return Found(status.st_size, stat.S_IMODE(status.st_mode), digest.hexdigest(), content)


def _kind(parent: int, name: str) -> int | None:
    """What is there, as `stat.S_IFMT` says it, or None."""
    try:
        return stat.S_IFMT(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


@contextmanager
def _parent(place: Place, *, make: bool) -> Iterator[int]:
    """The folder that the path's last part stands in."""
    if make:
        place.root.mkdir(parents=True, exist_ok=True, mode=0o755)
    current = os.open(place.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in place.parts[:-1]:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, 0o755, dir_fd=current)
            following = _step(current, part, place, make=make)
            os.close(current)
            current = following
        yield current
    finally:
        os.close(current)


def _step(current: int, part: str, place: Place, *, make: bool) -> int:
    """Raises InvalidInput where nothing can be made, FileNotFoundError where so nothing of ours can be."""
    try:
        return os.open(part, _FOLDER, dir_fd=current)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise
        if not make:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), place.path) from None
        raise InvalidInput(
            f"{place.path} leads through {part!r}, which is a link or no folder", hint="remove it, or go another way"
        ) from None


@contextmanager
def _opened(parent: int, name: str, flags: int = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) -> Iterator[int]:
    file = os.open(name, flags | os.O_CLOEXEC, dir_fd=parent)
    try:
        yield file
    finally:
        os.close(file)


def _claim(place: Place, owner: Owner, *, there: bool, known: bool) -> None:
    """Claims what is nobody's, and puts the claim that it has under its URN of now. Raises Conflict for another's.

    `there`: whether there is a file. The claim of one that somebody removed passes to what has its URN.
    """
    claim = _claim_file(place)
    claim.parent.mkdir(mode=0o700, exist_ok=True)
    found = _owner(place)
    if found is not None and not _has(owner, found, known=known) and (there or found.urn != owner.urn):
        raise _taken(place, found, owner, known=known)
    if found != owner:
        _record(place, owner, claim, anew=found is not None)


def _record(place: Place, owner: Owner, claim: Path, *, anew: bool) -> None:
    draft = claim.with_name(f"{claim.name}.{uuid4().hex}")
    try:
        with draft.open("x") as stream:
            stream.write(json.dumps({"urn": owner.urn, "token": owner.token, "path": place.path}))
            stream.flush()
            os.fsync(stream.fileno())
        if anew:
            draft.replace(claim)
        else:
            os.link(draft, claim)  # fails if somebody else was quicker
    except FileExistsError:
        raise Conflict(f"{place.path} is being made at the same time", hint="choose another path") from None
    finally:
        draft.unlink(missing_ok=True)


def _taken(place: Place, by: Owner, owner: Owner, *, known: bool) -> Conflict:
    whose = by.urn if by.urn != owner.urn else f"what was {by.urn} until it was moved or forgotten"
    return Conflict(f"{place.path} belongs to {whose}", hint=_way_out(place, by, owner, known=known))


def _way_out(place: Place, by: Owner, owner: Owner, *, known: bool) -> str:
    if known:
        return f"let go of it here: roadbed stack forget {owner.stack} {owner.path}"
    if Path(place.path).exists():
        return f"choose another path; if {by.stack} has forgotten it, import it there: import_={place.path!r}"
    return f"choose another path; if {by.stack} has forgotten it, remove {_claim_file(place)}"


def _is_file(place: Place) -> bool:
    with contextlib.suppress(FileNotFoundError), _parent(place, make=False) as parent:
        return _kind(parent, place.parts[-1]) == stat.S_IFREG
    return False


def _owner(place: Place) -> Owner | None:
    claim = _claim_file(place)
    try:
        found = json.loads(claim.read_text())
        return Owner(found["urn"], found["token"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        hint = f"remove {claim} if nobody else has the file"
        raise Conflict(f"whose {place.path} is can't be read any more", hint=hint) from None


def _has(owner: Owner, found: Owner, *, known: bool) -> bool:
    """Whether it has the claim that was `found`. `known`: the path is its id.

    A creation is known by its token alone: its URN may be another's by now. What was imported has none, and may have
    been moved since; what a creation of another stack claimed is never its.
    """
    if owner.token:
        return found.token == owner.token
    if known:
        return not found.token or found.stack == owner.stack
    return found.urn == owner.urn


def _unclaim(place: Place) -> None:
    _claim_file(place).unlink(missing_ok=True)


def _claim_file(place: Place) -> Path:
    return place.root / LEDGER / hashlib.sha256(os.fsencode("/".join(place.parts))).hexdigest()
