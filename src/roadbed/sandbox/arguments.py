"""The pure way from a sandbox and a command to what starts it. Nothing here touches the machine."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from roadbed.sandbox.domain import File, Host, Launch, Limits, Mount, Sandbox

LAUNCHER = "/run/roadbed/launcher.py"
LAUNCHER_SOURCE = str(Path(__file__).with_name("launcher.py"))

_MEBIBYTE = 1024 * 1024
_MADE = frozenset({"/etc", "/tmp", "/dev", "/proc"})  # noqa: S108 - folders of the sandbox
_LAUNCHER_CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_CHOWN", "CAP_DAC_READ_SEARCH")
"""To become somebody else, and to give that one the sandbox's files, wherever they lie."""


def descriptors_needed(sandbox: Sandbox, host: Host) -> int:
    """How many open files `launch` needs: the launcher's orders, bubblewrap's arguments, the sandbox's files, and the
    folders within mounts.
    """
    return 2 + len(_files(sandbox)) + len(_folders(sandbox)) if host.bwrap else 1


def launch(sandbox: Sandbox, command: Sequence[str], host: Host, descriptors: Sequence[int]) -> Launch:
    """How to run `command`, given numbers for the memory files that it takes.

    Bubblewrap reads its own arguments from a memory file too: inside, its command line can be seen, and would tell
    where on this machine things lie.
    """
    orders = _orders(sandbox, command, host)
    if host.bwrap is None:
        return _directly(orders, host, descriptors[0])
    arguments = bubblewrap_arguments(sandbox, host, descriptors[2:])
    files = [file.content for file in _files(sandbox).values()]
    contents = [marshal.dumps(orders | {"own": _own(sandbox, host)}), "\0".join(arguments).encode(), *files]
    before = (host.bwrap, "--args", str(descriptors[1]), "--")
    opened = zip(descriptors[len(contents) :], _folders(sandbox), strict=True)
    return Launch(
        (*before, *_interpreter(host), LAUNCHER, str(descriptors[0])),
        tuple(zip(descriptors, contents, strict=False)),
        tuple((number, mount.source, mount.within) for number, mount in opened),
    )


def join(sandbox: Sandbox, command: Sequence[str], host: Host, pid: int, descriptor: int) -> Launch:
    """How to run `command` inside the running sandbox that `pid` is a process of, made from the same `sandbox`."""
    orders = _orders(sandbox, command, host)
    return _directly(orders | {"join": pid, "alone": True} if host.bwrap else orders, host, descriptor)


def _directly(orders: dict[str, Any], host: Host, descriptor: int) -> Launch:
    argv = (*_interpreter(host), LAUNCHER_SOURCE, str(descriptor))
    return Launch(argv, ((descriptor, marshal.dumps(orders)),))


def bubblewrap_arguments(sandbox: Sandbox, host: Host, files: Sequence[int]) -> list[str]:
    """`files` are the descriptors of the sandbox's files (/etc/passwd, /etc/group, then its own in their order), and
    then those of the folders within mounts.
    """
    count = len(_files(sandbox))
    folders = {mount.target: number for mount, number in zip(_folders(sandbox), files[count:], strict=True)}
    return [
        *_namespaces(sandbox, host),
        *_system(sandbox, host),
        *_mounts(sandbox, host, folders),
        *_file_arguments(sandbox, host, files[:count]),
        *("--remount-ro", "/", "--chdir", "/"),
    ]


def _interpreter(host: Host) -> list[str]:
    return [host.python, "-I", "-S", "-E"]


def _namespaces(sandbox: Sandbox, host: Host) -> Iterator[str]:
    yield from ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent")
    yield from ("--hostname", "roadbed")
    if not sandbox.network:
        yield "--unshare-net"
    if host.root:  # the launcher needs these to become somebody else, and gives them up with that
        yield from ("--cap-drop", "ALL")
        for capability in _LAUNCHER_CAPABILITIES:
            yield from ("--cap-add", capability)
    else:
        yield from ("--unshare-user", "--uid", str(sandbox.uid), "--gid", str(sandbox.gid))


def _system(sandbox: Sandbox, host: Host) -> Iterator[str]:
    for folder in host.folders:
        yield from _read_only(folder, folder, sandbox)
    for target, path in host.links:
        yield from ("--symlink", target, path)
    yield from ("--dir", "/etc")
    for path in host.etc:
        yield from _parents(path, {"/etc"})
        if _holds_more(path, sandbox):
            yield from _read_only(path, path, sandbox)
        else:
            yield from ("--ro-bind-try", path, path)
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--perms", "1777", "--size", str(sandbox.tmp_mb * _MEBIBYTE), "--tmpfs", "/tmp")  # noqa: S108 - inside
    yield from ("--perms", "1777", "--size", str(sandbox.tmp_mb * _MEBIBYTE), "--tmpfs", "/dev/shm")  # noqa: S108 - inside


def _folders(sandbox: Sandbox) -> list[Mount]:
    """The mounts of a folder within their source."""
    return [mount for mount in sandbox.mounts if mount.within]


def _mounts(sandbox: Sandbox, host: Host, folders: Mapping[str, int]) -> Iterator[str]:
    mounts = list(sandbox.mounts)
    if not any(_within(host.python_prefix, folder) for folder in (*host.folders, *(m.target for m in mounts))):
        mounts.append(Mount(host.python_prefix, host.python_prefix))
    mounts.sort(key=lambda mount: PurePosixPath(mount.target).parts)  # a mount within another comes after it
    covered = {*host.folders, *_MADE}
    for mount in [*mounts, Mount(LAUNCHER_SOURCE, LAUNCHER)]:
        yield from _parents(mount.target, covered)
        covered.add(mount.target)
        yield from _mount(mount, sandbox, host, folders)


def _mount(mount: Mount, sandbox: Sandbox, host: Host, folders: Mapping[str, int]) -> Iterator[str]:
    if _is_layered(mount, host):
        yield from ("--overlay-src", mount.source, "--tmp-overlay", mount.target)
    elif mount.within:
        yield from ("--bind-fd" if mount.writable else "--ro-bind-fd", str(folders[mount.target]), mount.target)
    elif mount.writable:
        yield from ("--bind", mount.source, mount.target)
    else:
        yield from _read_only(mount.source, mount.target, sandbox)


def _own(sandbox: Sandbox, host: Host) -> list[str]:
    """What is made as root and is its user's: its files, and the tops of its layers."""
    return [*sandbox.files, *(mount.target for mount in sandbox.mounts if _is_layered(mount, host))]


def _is_layered(mount: Mount, host: Host) -> bool:
    return mount.layered and host.layers


def _read_only(source: str, target: str, sandbox: Sandbox) -> Iterator[str]:
    """What stands below a read-only folder lies in a layer over it, so that the folder stays as it is."""
    if _holds_more(target, sandbox):
        yield from ("--overlay-src", source, "--tmp-overlay", target)
    else:
        yield from ("--ro-bind", source, target)


def _holds_more(target: str, sandbox: Sandbox) -> bool:
    """Whether a file or another mount of the sandbox lies below it."""
    places = (*sandbox.files, *(mount.target for mount in sandbox.mounts))
    return any(place != target and _within(place, target) for place in places)


def _file_arguments(sandbox: Sandbox, host: Host, descriptors: Sequence[int]) -> Iterator[str]:
    fixed = (mount.target for mount in sandbox.mounts if not (mount.writable or _is_layered(mount, host)))
    read_only = (*host.folders, *host.etc, *fixed)
    covered = {*_MADE, *host.folders, *(mount.target for mount in sandbox.mounts)}
    for (path, file), descriptor in zip(_files(sandbox).items(), descriptors, strict=True):
        yield from _parents(path, covered)
        data = "--bind-data" if path in sandbox.files else "--ro-bind-data"
        yield from ("--perms", f"{file.mode:04o}", data, str(descriptor), path)
    for target in read_only:
        if _holds_more(target, sandbox):
            yield from ("--remount-ro", target)


def _parents(target: str, covered: set[str]) -> Iterator[str]:
    """Folders on the way to `target`, one by one: bubblewrap would make them 0700, also inside /etc and /tmp."""
    for parent in reversed(PurePosixPath(target).parents[:-1]):
        if str(parent) not in covered:  # one that is there already stays as it is
            yield from ("--perms", "0755", "--dir", str(parent))


def _files(sandbox: Sandbox) -> dict[str, File]:
    """The sandbox's own files and the two by which programs find out who they are."""
    passwd = f"root:x:0:0::/:/usr/sbin/nologin\napp:x:{sandbox.uid}:{sandbox.gid}::/tmp:/bin/sh\n"
    group = f"root:x:0:\napp:x:{sandbox.gid}:\n"
    return {"/etc/passwd": File(passwd.encode()), "/etc/group": File(group.encode()), **sandbox.files}


def _within(path: str, folder: str) -> bool:
    return PurePosixPath(path).is_relative_to(folder)


def _orders(sandbox: Sandbox, command: Sequence[str], host: Host) -> dict[str, Any]:
    """What the launcher reads. `marshal`, because it costs no import and both ends are the same interpreter."""
    place = _identity if host.bwrap else _outside(sandbox)
    return {
        "command": [place(part) for part in command],
        "environment": {name: place(value) for name, value in sandbox.environment.items()},
        "workdir": place(sandbox.workdir),
        "uid": sandbox.uid,
        "gid": sandbox.gid,
        "limits": _rlimits(sandbox.limits),
        "nice": sandbox.limits.nice,
        "alone": host.bwrap is None,
    }


def _rlimits(limits: Limits) -> dict[str, int]:
    megabytes = {"RLIMIT_DATA": limits.memory_mb, "RLIMIT_FSIZE": limits.file_size_mb}
    plain = {"RLIMIT_CPU": limits.cpu_seconds, "RLIMIT_NPROC": limits.processes, "RLIMIT_NOFILE": limits.open_files}
    found = {name: value * _MEBIBYTE for name, value in megabytes.items() if value is not None}
    return found | {name: value for name, value in plain.items() if value is not None} | {"RLIMIT_CORE": 0}


def _identity(text: str) -> str:
    return text


def _outside(sandbox: Sandbox) -> Any:
    """Without a sandbox nothing is mounted: paths of the sandbox become this machine's, in lists of paths too."""
    moved = [m for m in sorted(sandbox.mounts, key=lambda m: -len(m.target)) if m.source != m.target]

    def place(text: str) -> str:
        return ":".join(_moved(part, moved) for part in text.split(":"))

    return place


def _moved(path: str, mounts: Sequence[Mount]) -> str:
    for mount in mounts:
        if path == mount.target or path.startswith(mount.target + "/"):
            return mount.source + path.removeprefix(mount.target)
    return path
