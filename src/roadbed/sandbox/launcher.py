"""The last step before a command: becomes an unprivileged user and executes it. Standard library only.

Run as `python -I -S -E launcher.py FD`, where FD holds marshalled orders (see `arguments._orders`). It starts a session
of its own, so that a signal to its process group reaches the command and all of its children but nothing else.

With `join` in the orders it first enters the namespaces of that process: how a probe runs inside a replica.
"""

from __future__ import annotations

import ctypes  # every import happens here: after the change of user or of root they might be out of reach
import errno
import fcntl
import marshal
import os
import resource
import select
import signal
import sys

TYPE_CHECKING = False  # `typing` costs more than all that happens here
if TYPE_CHECKING:
    from typing import Any

DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"
CANNOT_EXECUTE, NOT_FOUND = 126, 127  # as shells answer

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_NS_GET_USERNS = 0xB701  # ioctl_ns(2)
_SIGKILL = 9
_KINDS = ("pid", "ipc", "uts", "mnt", "user")


def main() -> int:
    orders = _read(int(sys.argv[1]))
    starter = _join(orders["join"]) if "join" in orders else None
    if os.getsid(0) != os.getpid():  # else the one who started us did it already
        os.setsid()
    _limit(orders["limits"], orders["nice"])
    _own(orders.get("own", ()), orders["uid"], orders["gid"])
    _drop(orders["uid"], orders["gid"], orders["alone"])
    if starter is not None and select.select([starter], [], [], 0)[0]:
        return CANNOT_EXECUTE  # it was killed before its death could be this one's
    return _execute(orders["command"], orders["environment"], orders["workdir"])


def _read(descriptor: int) -> dict[str, Any]:
    size = os.fstat(descriptor).st_size
    orders: dict[str, Any] = marshal.loads(os.pread(descriptor, size, 0))  # noqa: S302 - from who started us
    os.closerange(3, 256)
    return orders


def _limit(limits: dict[str, int], nice: int) -> None:
    for name, wanted in limits.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (limit, limit))
    if nice:
        os.nice(nice)
    os.umask(0o022)


def _own(files: list[str], uid: int, gid: int) -> None:
    """As root, the sandbox's files and layers were made by root: a mode such as 0400 must let their user in, not us."""
    if os.getuid() == 0:
        for file in files:
            os.chown(file, uid, gid)


def _drop(uid: int, gid: int, alone: bool) -> None:
    libc = _libc()
    if os.getuid() == 0:
        for capability in range(64):
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                break  # the first number that this kernel doesn't know
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if alone:  # after the change of user, which clears it
        libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def _execute(command: list[str], environment: dict[str, str], workdir: str) -> int:
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these, and what it executes would go on doing so
        signal.signal(number, signal.SIG_DFL)
    try:
        os.chdir(workdir)
    except OSError as error:
        return _cannot(workdir, error)
    failure: OSError = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    for program in _places(command[0], environment.get("PATH", DEFAULT_PATH)):
        try:
            os.execve(program, command, environment)  # noqa: S606 - the command is what this is for
        except OSError as error:  # the next place may have it
            failure = failure if isinstance(error, (FileNotFoundError, NotADirectoryError)) else error
    return _cannot(command[0], failure)


def _places(program: str, path: str) -> list[str]:
    return [program] if "/" in program else [f"{folder or '.'}/{program}" for folder in path.split(":")]


def _cannot(what: str, error: OSError) -> int:
    os.write(2, f"roadbed: cannot run {what}: {error.strerror}\n".encode(errors="replace"))
    return NOT_FOUND if isinstance(error, FileNotFoundError) else CANNOT_EXECUTE


def _join(pid: int) -> int:
    """Enters the namespaces of `pid`. Returns what becomes readable when the process that started this one ends.

    Those that belong to a user namespace can be entered only from within that one; the process's own, which may lie
    deeper, comes last.
    """
    entered = {_identity(_namespace(kind, os.getpid())) for kind in _KINDS}
    wanted = [_namespace(kind, pid) for kind in _KINDS]
    for descriptor in (fcntl.ioctl(wanted[0], _NS_GET_USERNS), *wanted):
        # Entering the user namespace that one is in already would be an error.
        if _identity(descriptor) not in entered and _libc().setns(descriptor, 0):
            os.write(2, f"roadbed: cannot enter the sandbox of {pid}: {os.strerror(ctypes.get_errno())}\n".encode())
            os._exit(CANNOT_EXECUTE)
        entered.add(_identity(descriptor))
    os.closerange(3, 64)
    alive, held = os.pipe()
    child = os.fork()  # the process namespace holds for children only
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    os.close(held)
    return alive


def _namespace(kind: str, pid: int) -> int:
    return os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)


def _identity(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    sys.exit(main())
