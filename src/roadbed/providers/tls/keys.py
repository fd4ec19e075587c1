"""Private keys: making, reading and writing them. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from roadbed.kit.errors import InvalidInput

Key: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

CURVES: Mapping[str, ec.EllipticCurve] = {"P256": ec.SECP256R1(), "P384": ec.SECP384R1(), "P521": ec.SECP521R1()}


def make(given: Mapping[str, Any]) -> Key:
    match given.get("algorithm", "ED25519"):
        case "RSA":
            return rsa.generate_private_key(65537, given.get("rsa_bits") or 3072)
        case "ECDSA":
            return ec.generate_private_key(CURVES[given.get("ecdsa_curve") or "P256"])
        case _:
            return ed25519.Ed25519PrivateKey.generate()


def read(pem: Any, property: str) -> Key:
    """The key of a PEM text. Raises InvalidInput that shows nothing of it."""
    try:
        key = serialization.load_pem_private_key(str(pem).encode(), password=None)
    except (ValueError, TypeError):
        raise InvalidInput(
            f"{property!r} is no private key in PEM", hint="give it tls.PrivateKey's private_key_pem"
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise InvalidInput(f"{property!r} is a key of a kind that isn't supported", hint="use RSA, ECDSA or ED25519")
    return key


def signing_hash(key: Key) -> SHA256 | None:
    """What is signed is hashed first, but not for Ed25519, which hashes by itself."""
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()


def public_outputs(key: Key) -> dict[str, str]:
    public = key.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    ssh = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    digest = hashlib.sha256(base64.b64decode(ssh.split()[1])).digest()
    return {
        "public_key_pem": pem.decode(),
        "public_key_openssh": ssh,
        "public_key_fingerprint_sha256": f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}",
    }


def private_outputs(key: Key) -> dict[str, str]:
    """In PKCS #8, which every algorithm has, and in OpenSSH's own format."""
    return {
        "private_key_pem": _private(key, serialization.PrivateFormat.PKCS8),
        "private_key_openssh": _private(key, serialization.PrivateFormat.OpenSSH),
    }


def _private(key: Key, format: serialization.PrivateFormat) -> str:
    return key.private_bytes(serialization.Encoding.PEM, format, serialization.NoEncryption()).decode()
