"""Where backups lie: one encrypted file each, in one folder that only the platform gets into."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from roadbed.backups.errors import DamagedBackup
from roadbed.backups.sealing import SealedReader, SealedWriter
from roadbed.backups.settings import BackupSettings
from roadbed.kit.errors import NotFound, Unavailable
from roadbed.secrets.service import Secrets

_GB = 2**30
_PIECE = 1 << 20
_UNFINISHED = ".part"
_ABANDONED_S = 24 * 3600.0
_ID = re.compile(r"bak_[0-9a-z]{1,40}")


class Store:
    """`home` is ROADBED_HOME."""

    def __init__(self, home: Path, settings: BackupSettings, secrets: Secrets) -> None:
        self.folder = settings.folder or home.absolute() / "backups"
        self._settings, self._secrets = settings, secrets

    @contextmanager
    def writing(self, id: str) -> Iterator[SealedWriter]:
        """What is written in the block is kept whole, or not at all. Raises Unavailable for a disk that refuses it."""
        unfinished = self._file(id).with_suffix(_UNFINISHED)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_free()
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                most = int(self._settings.largest_gb * _GB)
                writer = SealedWriter(cast(BinaryIO, file), self._secrets, _context(id), most)
                yield writer
                writer.finish()
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(self._file(id))
        except OSError as error:
            raise Unavailable(f"the backup can't be written: {error.strerror or error}") from error
        finally:
            unfinished.unlink(missing_ok=True)

    def open(self, id: str) -> BinaryIO:
        """Raises NotFound where there is no such file, DamagedBackup for one that isn't what was written."""
        try:
            file = self._file(id).open("rb")
        except FileNotFoundError as error:
            raise NotFound(f"the file of the backup {id} is gone from {self.folder}") from error
        return cast(
            BinaryIO, io.BufferedReader(SealedReader(cast(BinaryIO, file), self._secrets, _context(id)), _PIECE)
        )

    def check(self, id: str, checksum: str) -> None:
        """Reads it once to its end. Raises as `open` does."""
        digest = hashlib.sha256()
        with self.open(id) as opened:
            while opened.read(_PIECE):
                pass
        with self._file(id).open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        if digest.hexdigest() != checksum:
            raise DamagedBackup(f"the file of the backup {id} is another one than was written")

    def remove(self, id: str) -> None:
        """Also when it is gone."""
        self._file(id).unlink(missing_ok=True)

    def abandoned(self, known: Collection[str]) -> list[str]:
        """The ids of files of which there is no record, and which nobody writes any more."""
        if not self.folder.is_dir():
            return []
        before = time.time() - _ABANDONED_S
        old = [entry.name for entry in os.scandir(self.folder) if entry.stat().st_mtime < before]
        unknown = {name.partition(".")[0] for name in old} - set(known)
        return sorted(each for each in unknown if _ID.fullmatch(each))

    def clear(self, id: str) -> None:
        """Removes it, and what was never finished of it."""
        self.remove(id)
        self._file(id).with_suffix(_UNFINISHED).unlink(missing_ok=True)

    def _check_free(self) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < self._settings.free_gb * _GB:
            raise Unavailable(
                f"{self.folder} has {free / _GB:.1f} GB left, and {self._settings.free_gb:g} GB are to stay free",
                hint="remove backups that nobody needs (roadbed resource backups), or give it another folder:"
                " ROADBED_BACKUPS__FOLDER",
            )

    def _file(self, id: str) -> Path:
        if not _ID.fullmatch(id):
            raise NotFound(f"there is no backup {id!r}")
        return self.folder / f"{id}.rbb"


def _context(id: str) -> str:
    return f"backup:{id}"
