"""Certificates and requests for them (RFC 5280). Pure: the time comes in."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from roadbed.kit.errors import InvalidInput
from roadbed.providers.tls.keys import Key, signing_hash

SUBJECT = {
    "common_name": NameOID.COMMON_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "organizational_unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "country": NameOID.COUNTRY_NAME,
    "province": NameOID.STATE_OR_PROVINCE_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "street_address": NameOID.STREET_ADDRESS,
    "postal_code": NameOID.POSTAL_CODE,
    "serial_number": NameOID.SERIAL_NUMBER,
}
KEY_USES = {
    "digital_signature": "digital_signature",
    "content_commitment": "content_commitment",
    "key_encipherment": "key_encipherment",
    "data_encipherment": "data_encipherment",
    "key_agreement": "key_agreement",
    "cert_signing": "key_cert_sign",
    "crl_signing": "crl_sign",
    "encipher_only": "encipher_only",
    "decipher_only": "decipher_only",
}
EXTENDED_USES = {
    "any_extended": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    "server_auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "code_signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "email_protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "timestamping": ExtendedKeyUsageOID.TIME_STAMPING,
    "ocsp_signing": ExtendedKeyUsageOID.OCSP_SIGNING,
}
USES = (*KEY_USES, *EXTENDED_USES)


def request(given: Mapping[str, Any], key: Key) -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder(_subject(given))
    if names := _alternatives(given):
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, signing_hash(key))


def self_signed(given: Mapping[str, Any], key: Key, now: datetime) -> x509.Certificate:
    subject, names = _subject(given), _alternatives(given)
    return _certificate(given, now, subject, names, key.public_key(), issuer=subject, signer=key)


def locally_signed(
    given: Mapping[str, Any],
    wanted: x509.CertificateSigningRequest,
    authority: x509.Certificate,
    key: Key,
    now: datetime,
) -> x509.Certificate:
    """For the request's subject and names, signed by the authority. Raises InvalidInput when the two don't fit."""
    if not wanted.is_signature_valid:
        raise InvalidInput("the certificate request is not signed by its own key", hint="make it anew")
    if authority.public_key() != key.public_key():
        raise InvalidInput("'ca_private_key_pem' is not the key of 'ca_cert_pem'", hint="give the authority's own key")
    names = [name for found in _requested_names(wanted) for name in found]
    return _certificate(given, now, wanted.subject, names, wanted.public_key(), issuer=authority.subject, signer=key)


def pem(made: x509.Certificate | x509.CertificateSigningRequest) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()


def read_certificate(text: Any, property: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(str(text).encode())
    except ValueError:
        raise InvalidInput(f"{property!r} is no certificate in PEM") from None


def read_request(text: Any, property: str) -> x509.CertificateSigningRequest:
    try:
        return x509.load_pem_x509_csr(str(text).encode())
    except ValueError:
        raise InvalidInput(f"{property!r} is no certificate request in PEM") from None


def _certificate(
    given: Mapping[str, Any],
    now: datetime,
    subject: x509.Name,
    names: Sequence[x509.GeneralName],
    public: Any,
    *,
    issuer: x509.Name,
    signer: Key,
) -> x509.Certificate:
    authority = bool(given.get("is_ca_certificate", False))
    builder = (
        x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(hours=given["validity_period_hours"]))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=not list(subject))
    for extension, critical in _uses(given.get("allowed_uses") or ()):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signer, signing_hash(signer))


def _uses(allowed: Sequence[str]) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = []
    if any(use in KEY_USES for use in allowed):
        flags = {flag: use in allowed for use, flag in KEY_USES.items()}
        found.append((x509.KeyUsage(**flags), True))
    if extended := [EXTENDED_USES[use] for use in allowed if use in EXTENDED_USES]:
        found.append((x509.ExtendedKeyUsage(extended), False))
    return found


def _subject(given: Mapping[str, Any]) -> x509.Name:
    fields = given.get("subject") or {}
    try:
        return x509.Name([_attribute(SUBJECT[name], fields[name]) for name in SUBJECT if fields.get(name)])
    except ValueError as error:
        raise InvalidInput(f"the subject can't stand in a certificate: {error}") from None


def _attribute(kind: ObjectIdentifier, value: Any) -> x509.NameAttribute[str]:
    return x509.NameAttribute(kind, str(value))


def _alternatives(given: Mapping[str, Any]) -> list[x509.GeneralName]:
    try:
        return [
            *(x509.DNSName(name) for name in given.get("dns_names") or ()),
            *(x509.IPAddress(ipaddress.ip_address(address)) for address in given.get("ip_addresses") or ()),
            *(x509.UniformResourceIdentifier(uri) for uri in given.get("uris") or ()),
        ]
    except ValueError as error:
        raise InvalidInput(f"a name can't stand in a certificate: {error}") from None


def _requested_names(wanted: x509.CertificateSigningRequest) -> list[x509.SubjectAlternativeName]:
    try:
        return [wanted.extensions.get_extension_for_class(x509.SubjectAlternativeName).value]
    except x509.ExtensionNotFound:
        return []
