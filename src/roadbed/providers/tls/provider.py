"""Keys and certificates. They live in the state alone, private keys sealed there.

A certificate that is due is told of by `read`: its validity is then what is left of it, which is not what was declared,
so the next plan that refreshes replaces it, and a drift schedule with `heal` renews it unasked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from cryptography import x509

from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.providers.kept import Kept, identity
from roadbed.providers.tls import certificates, keys

PRIVATE_KEY, SELF_SIGNED = "tls:PrivateKey", "tls:SelfSignedCert"
REQUEST, LOCALLY_SIGNED = "tls:CertRequest", "tls:LocallySignedCert"

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": _TEXT}
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def _new(schema: Mapping[str, Any], description: str, *, required: bool = False) -> Property:
    return Property(schema, required=required, replace=True, description=description)


_SECRET: Mapping[str, Any] = {**_TEXT, "writeOnly": True}
_KEY = _new(_SECRET, "The private key in PEM, a secret.", required=True)
_WHO = {
    "subject": _new(
        {"type": "object", "properties": dict.fromkeys(certificates.SUBJECT, _TEXT), "additionalProperties": False},
        "Whose it is: common_name, organization, organizational_unit, country, province, locality, street_address, "
        "postal_code, serial_number.",
    ),
    "dns_names": _new(_TEXTS, "Host names that it is for."),
    "ip_addresses": _new(_TEXTS, "IP addresses that it is for."),
    "uris": _new(_TEXTS, "URIs that it is for."),
}
_TERMS = {
    "validity_period_hours": _new(
        {"type": "integer", "minimum": 1, "maximum": 876_000}, "How many hours it is valid.", required=True
    ),
    "early_renewal_hours": Property(
        {"type": "integer", "minimum": 0, "default": 0},
        description="How many hours before its end it is due to be replaced; 0.",
    ),
    "allowed_uses": _new(
        {"type": "array", "items": {"enum": list(certificates.USES)}},
        f"What its key may be used for: {', '.join(certificates.USES)}.",
    ),
    "is_ca_certificate": _new({"type": "boolean", "default": False}, "Whether it may sign other certificates; false."),
}
_CERTIFICATE = {
    "cert_pem": "The certificate in PEM.",
    "validity_start_time": "From when it is valid (RFC 3339).",
    "validity_end_time": "Until when it is valid (RFC 3339).",
}


def _utc() -> datetime:
    return datetime.now(UTC)


class TlsProvider(Kept):
    """`now` gives the time, in UTC."""

    name: ClassVar[str] = "tls"
    parallel: ClassVar[int] = 20
    types: ClassVar[Mapping[str, ResourceType]] = {
        PRIVATE_KEY: ResourceType(
            PRIVATE_KEY,
            "A private key.",
            {
                "algorithm": _new(
                    {"enum": ["RSA", "ECDSA", "ED25519"], "default": "ED25519"}, "RSA, ECDSA or ED25519; ED25519."
                ),
                "rsa_bits": _new(
                    {"type": "integer", "enum": [2048, 3072, 4096], "default": 3072}, "The size of an RSA key; 3072."
                ),
                "ecdsa_curve": _new(
                    {"enum": list(keys.CURVES), "default": "P256"},
                    "The curve of an ECDSA key: P256, P384 or P521; P256.",
                ),
            },
            outputs={
                "public_key_pem": "The public key in PEM.",
                "public_key_openssh": "The public key as OpenSSH writes it.",
                "public_key_fingerprint_sha256": "The public key's fingerprint as OpenSSH writes it.",
            },
            secret_outputs={
                "private_key_pem": "The private key in PEM (PKCS #8).",
                "private_key_openssh": "The private key in OpenSSH's format.",
            },
            replacement="create_first",
        ),
        SELF_SIGNED: ResourceType(
            SELF_SIGNED,
            "A certificate that is signed by its own key: for development, or an authority of one's own.",
            {"private_key_pem": _KEY, **_WHO, **_TERMS},
            outputs=_CERTIFICATE,
            replacement="create_first",
        ),
        REQUEST: ResourceType(
            REQUEST,
            "A request for a certificate, to be signed by an authority.",
            {"private_key_pem": _KEY, **_WHO},
            outputs={"cert_request_pem": "The request in PEM."},
            replacement="create_first",
        ),
        LOCALLY_SIGNED: ResourceType(
            LOCALLY_SIGNED,
            "A certificate for a request, signed by an authority whose key is at hand.",
            {
                "cert_request_pem": _new(_TEXT, "The request in PEM.", required=True),
                "ca_private_key_pem": _new(_SECRET, "The authority's private key in PEM, a secret.", required=True),
                "ca_cert_pem": _new(_TEXT, "The authority's certificate in PEM.", required=True),
                **_TERMS,
            },
            outputs=_CERTIFICATE,
            replacement="create_first",
        ),
    }

    def __init__(self, now: Callable[[], datetime] = _utc) -> None:
        self._now = now

    async def create(self, desired: Desired, report: Report) -> Actual:
        """In a thread: an RSA key takes a second of computing."""
        outputs, secrets = await asyncio.to_thread(self._make, desired)
        return Actual(identity(desired), outputs, secrets)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        kept = await super().read(desired, id)
        if kept is None or (left := self._left_when_due(desired)) is None:
            return kept
        return Actual(id, kept.outputs, kept.secrets, properties={"validity_period_hours": left})

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        """Only when it is due can change in place, which changes nothing of what was made."""
        return Actual(id, dict(desired.outputs), dict(desired.secrets))

    def _make(self, desired: Desired) -> tuple[dict[str, str], dict[str, str]]:
        given = {name: value for name, value in desired.properties.items() if value is not None}
        if desired.type == PRIVATE_KEY:
            key = keys.make(given)
            return keys.public_outputs(key), keys.private_outputs(key)
        if desired.type == REQUEST:
            key = keys.read(given["private_key_pem"], "private_key_pem")
            return {"cert_request_pem": certificates.pem(certificates.request(given, key))}, {}
        return _outputs(self._certificate(desired.type, given)), {}

    def _certificate(self, type: str, given: Mapping[str, Any]) -> x509.Certificate:
        now = self._now().replace(microsecond=0)
        if type == SELF_SIGNED:
            return certificates.self_signed(given, keys.read(given["private_key_pem"], "private_key_pem"), now)
        return certificates.locally_signed(
            given,
            certificates.read_request(given["cert_request_pem"], "cert_request_pem"),
            certificates.read_certificate(given["ca_cert_pem"], "ca_cert_pem"),
            keys.read(given["ca_private_key_pem"], "ca_private_key_pem"),
            now,
        )

    def _left_when_due(self, desired: Desired) -> int | None:
        """Whole hours of its validity that are left, once it is due for renewal."""
        if "validity_end_time" not in desired.outputs:
            return None
        end = datetime.strptime(desired.outputs["validity_end_time"], _FORMAT).replace(tzinfo=UTC)
        left = end - self._now()
        declared = desired.properties.get("early_renewal_hours")
        early = timedelta(hours=declared if isinstance(declared, int) else 0)  # unknown after an update that failed
        return max(0, left // timedelta(hours=1)) if left <= early else None


def _outputs(made: x509.Certificate) -> dict[str, str]:
    return {
        "cert_pem": certificates.pem(made),
        "validity_start_time": made.not_valid_before_utc.strftime(_FORMAT),
        "validity_end_time": made.not_valid_after_utc.strftime(_FORMAT),
    }
