"""Sealing: AES-256-GCM envelopes.

Each value is encrypted with a data key of its own, and the data key with the platform's. So no two values share a
key whose nonces could collide, and the platform's key can be changed by wrapping the small data keys anew.

A sealed text is `rb1.<key id>.<wrapped data key>.<ciphertext>`. The context (what the value belongs to:
`stack:orders@dev/db.password`) is authenticated with both layers, so a sealed text that was moved to another row
doesn't open there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from roadbed.secrets.errors import CannotOpen
from roadbed.secrets.keyfile import KEY_LENGTH

VERSION = "rb1"
_NONCE_LENGTH = 12  # NIST SP 800-38D, 8.2: the length that GCM takes as it is
_FINGERPRINT_LENGTH = 16  # 64 bits, in hex: tells a changed value from an unchanged one


class Secrets:
    """Seals and opens under one master key of 32 bytes. Pure computing: whoever calls it has authorised the use."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_LENGTH:
            raise ValueError(f"a master key has {KEY_LENGTH} bytes")
        self._wrapping = AESGCM(_derive(key, "wrap"))
        self._fingerprinting = _derive(key, "fingerprint")
        self._key_id = _derive(key, "id").hex()[:8]

    def seal(self, plaintext: str, *, context: str) -> str:
        """The sealed text of `plaintext`, different at each call."""
        data_key = AESGCM.generate_key(bit_length=256)
        bound = _bind(context)
        wrapped = _encrypt(self._wrapping, data_key, bound)
        sealed = _encrypt(AESGCM(data_key), plaintext.encode(), bound)
        return ".".join((VERSION, self._key_id, _to_text(wrapped), _to_text(sealed)))

    def open(self, sealed: str, *, context: str) -> str:
        """What was sealed for this context. Raises CannotOpen, which never says what the value may have been."""
        wrapped, body = self._parts(sealed)
        bound = _bind(context)
        try:
            data_key = _decrypt(self._wrapping, wrapped, bound)
            return _decrypt(AESGCM(data_key), body, bound).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(
                "a sealed secret was changed, or belongs to something else",
                hint="set the secret again",
            ) from error

    def fingerprint(self, value: str) -> str:
        """16 hex digits that differ when the value does. Keyed, so that a short value can't be guessed from them."""
        return hmac.new(self._fingerprinting, value.encode(), hashlib.sha256).hexdigest()[:_FINGERPRINT_LENGTH]

    def _parts(self, sealed: str) -> tuple[bytes, bytes]:
        match sealed.split("."):
            case [version, key_id, wrapped, body] if version == VERSION:
                if key_id != self._key_id:
                    raise CannotOpen(
                        "a secret was sealed with another key than this platform's",
                        hint="restore the secret.key that belongs to this database, or set the secret again",
                    )
                return _from_text(wrapped), _from_text(body)
        raise CannotOpen("this is not a sealed secret of a version that this platform can read")


def _derive(key: bytes, purpose: str) -> bytes:
    """One key for each use (NIST SP 800-108): what one of them leaks says nothing of another."""
    return HKDFExpand(SHA256(), KEY_LENGTH, f"roadbed {VERSION} {purpose}".encode()).derive(key)


def _bind(context: str) -> bytes:
    return f"{VERSION}\0{context}".encode()


def _encrypt(cipher: AESGCM, plaintext: bytes, bound: bytes) -> bytes:
    nonce = token_bytes(_NONCE_LENGTH)
    return nonce + cipher.encrypt(nonce, plaintext, bound)


def _decrypt(cipher: AESGCM, text: bytes, bound: bytes) -> bytes:
    return cipher.decrypt(text[:_NONCE_LENGTH], text[_NONCE_LENGTH:], bound)


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_text(text: str) -> bytes:
    """Refuses characters outside the alphabet and trailing bits, which the decoder of the standard library ignores."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CannotOpen("a sealed secret was changed") from error
    if _to_text(data) != text:
        raise CannotOpen("a sealed secret was changed")
    return data
