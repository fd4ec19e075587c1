"""The platform's master key: 32 random bytes in one file that only its owner can read."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from secrets import token_bytes

from roadbed.secrets.errors import KeyUnusable

KEY_LENGTH = 32
KEY_FILE = "secret.key"


def load_or_create_key(home: Path) -> bytes:
    """The 32-byte key of `home`, made with mode 0600 the first time.

    Two starts at once agree on one key, and a crash leaves either no key or a whole one. Raises KeyUnusable when
    the file is damaged, or when others could read it.
    """
    path = home / KEY_FILE
    if not path.exists():
        _create(path)
    return _read(path)


def _create(path: Path) -> None:
    """Writes beside the place, then links: `link` refuses when another start was first, and is never half done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{token_bytes(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(token_bytes(KEY_LENGTH))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    """Makes the new name durable: what is sealed with a key that a power cut takes away is lost."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyUnusable(
            f"others on this machine can read the platform's key (mode {mode:04o})",
            hint=f"chmod 600 {path}; if somebody may have read it, treat every sealed secret as known",
            file=str(path),
        )
    try:
        key = path.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"the platform's key can't be read: {error.strerror}", file=str(path)) from error
    if len(key) != KEY_LENGTH:
        raise KeyUnusable(
            f"the platform's key is damaged: it has {len(key)} bytes instead of {KEY_LENGTH}",
            hint="restore the file from a backup; without it nothing that was sealed can be opened",
            file=str(path),
        )
    return key
