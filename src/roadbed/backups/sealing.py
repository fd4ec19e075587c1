"""A backup's file: encrypted in pieces, so that it can be written and read as a stream.

    rbb1 ⏎ <the sealed data key> ⏎ piece piece … piece

A piece is its length (4 bytes, big-endian, the uppermost bit set on the last one) and that many bytes of AES-256-GCM.
The nonce is the piece's number, which a key of its own for each file allows; the piece's number, whether it is the
last, and the head as it is written are authenticated with it. So what was cut, lengthened, reordered, exchanged or
changed is refused (this is the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

from __future__ import annotations

import base64
import hashlib
import io
import struct
from typing import TYPE_CHECKING, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from roadbed.backups.errors import DamagedBackup
from roadbed.kit.errors import TooLarge
from roadbed.secrets.service import Secrets

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

VERSION = b"rbb1\n"
_PIECE = 1 << 20
_LENGTH = struct.Struct(">I")
_LAST = 1 << 31
_TAG = 16
_LONGEST_HEAD = 1000


class SealedWriter(io.RawIOBase):
    """Encrypts what is written to it into `file`, which stays open. `finish` ends it; without it no reader takes it.

    `most` bytes may be written in all: more raises TooLarge.
    """

    def __init__(self, file: BinaryIO, secrets: Secrets, context: str, most: int) -> None:
        super().__init__()
        key = AESGCM.generate_key(bit_length=256)
        self._file, self._cipher, self._left = file, AESGCM(key), most
        self._waiting, self._number, self._digest = bytearray(), 0, hashlib.sha256()
        self.size = 0
        self._put(VERSION)
        self._head = secrets.seal(base64.b64encode(key).decode(), context=context).encode()
        self._put(self._head + b"\n")

    @property
    def checksum(self) -> str:
        """SHA-256 of all that stands in the file, in hex."""
        return self._digest.hexdigest()

    @property
    def file(self) -> BinaryIO:
        """Itself, for whoever writes to a `BinaryIO`: all that is asked of one is here, by another name."""
        return cast(BinaryIO, self)

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        given = memoryview(data).cast("B")
        self._left -= len(given)
        if self._left < 0:
            raise TooLarge("this backup would be larger than one may be", hint="see ROADBED_BACKUPS__LARGEST_GB")
        self._waiting += given
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]
        return len(given)

    def finish(self) -> None:
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(*_bound(self._head, self._number, piece, last=last))
        self._number += 1
        self._put(_LENGTH.pack(len(sealed) | (_LAST if last else 0)))
        self._put(sealed)

    def _put(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)
        self.size += len(data)


class SealedReader(io.RawIOBase):
    """What was written, from `file`, which is closed with it. Raises DamagedBackup for anything else."""

    def __init__(self, file: BinaryIO, secrets: Secrets, context: str) -> None:
        super().__init__()
        self._file, self._number, self._ended, self._ready = file, 0, False, b""
        if file.read(len(VERSION)) != VERSION:
            raise DamagedBackup("this is no backup of a version that this platform can read")
        self._head = file.readline(_LONGEST_HEAD).removesuffix(b"\n")
        sealed = self._head.decode("ascii", "replace")
        self._cipher = AESGCM(base64.b64decode(secrets.open(sealed, context=context)))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        room = memoryview(buffer).cast("B")
        while not self._ready and not self._ended:
            self._ready = self._next()
        taken = self._ready[: len(room)]
        room[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _next(self) -> bytes:
        head = self._file.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            raise DamagedBackup("the backup ends too early")
        (told,) = _LENGTH.unpack(head)
        length, last = told & ~_LAST, bool(told & _LAST)
        if length > _PIECE + _TAG:
            raise DamagedBackup("the backup was changed since it was written")
        data = self._file.read(length)
        if len(data) < length:
            raise DamagedBackup("the backup ends too early")
        if last and self._file.read(1):
            raise DamagedBackup("something follows the end of the backup")
        nonce, sealed, bound = _bound(self._head, self._number, data, last=last)
        try:
            piece = self._cipher.decrypt(nonce, sealed, bound)
        except InvalidTag as error:
            raise DamagedBackup("the backup was changed since it was written") from error
        self._number, self._ended = self._number + 1, last
        return piece


def _bound(head: bytes, number: int, data: bytes, *, last: bool) -> tuple[bytes, bytes, bytes]:
    return number.to_bytes(12, "big"), data, (b"last " if last else b"more ") + head
