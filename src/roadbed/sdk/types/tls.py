"""Keys and certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class PrivateKey(Resource):
    """A private key.

    - `algorithm`: RSA, ECDSA or ED25519; ED25519. A change replaces it.
    - `rsa_bits`: the size of an RSA key; 3072. A change replaces it.
    - `ecdsa_curve`: the curve of an ECDSA key: P256, P384 or P521; P256. A change replaces it.
    """

    TYPE = "tls:PrivateKey"

    if TYPE_CHECKING:
        public_key_pem: Reference
        """The public key in PEM."""
        public_key_openssh: Reference
        """The public key as OpenSSH writes it."""
        public_key_fingerprint_sha256: Reference
        """The public key's fingerprint as OpenSSH writes it."""
        private_key_pem: Reference
        """The private key in PEM (PKCS #8). Secret."""
        private_key_openssh: Reference
        """The private key in OpenSSH's format. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        algorithm: str | Deferred | None = None,
        rsa_bits: int | Deferred | None = None,
        ecdsa_curve: str | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "algorithm": algorithm,
            "rsa_bits": rsa_bits,
            "ecdsa_curve": ecdsa_curve,
        }
        super().__init__(self.TYPE, name, given, **options)


class SelfSignedCert(Resource):
    """A certificate that is signed by its own key: for development, or an authority of one's own.

    - `private_key_pem`: the private key in PEM, a secret. A change replaces it.
    - `subject`: whose it is: common_name, organization, organizational_unit, country, province, locality,
      street_address, postal_code, serial_number. A change replaces it.
    - `dns_names`: host names that it is for. A change replaces it.
    - `ip_addresses`: IP addresses that it is for. A change replaces it.
    - `uris`: URIs that it is for. A change replaces it.
    - `validity_period_hours`: how many hours it is valid. A change replaces it.
    - `early_renewal_hours`: how many hours before its end it is due to be replaced; 0.
    - `allowed_uses`: what its key may be used for: digital_signature, content_commitment, key_encipherment,
      data_encipherment, key_agreement, cert_signing, crl_signing, encipher_only, decipher_only, any_extended,
      server_auth, client_auth, code_signing, email_protection, timestamping, ocsp_signing. A change replaces it.
    - `is_ca_certificate`: whether it may sign other certificates; false. A change replaces it.
    """

    TYPE = "tls:SelfSignedCert"

    if TYPE_CHECKING:
        cert_pem: Reference
        """The certificate in PEM."""
        validity_start_time: Reference
        """From when it is valid (RFC 3339)."""
        validity_end_time: Reference
        """Until when it is valid (RFC 3339)."""

    def __init__(
        self,
        name: str,
        /,
        *,
        private_key_pem: str | Deferred,
        validity_period_hours: int | Deferred,
        subject: Mapping[str, Any] | None = None,
        dns_names: Sequence[str | Deferred] | None = None,
        ip_addresses: Sequence[str | Deferred] | None = None,
        uris: Sequence[str | Deferred] | None = None,
        early_renewal_hours: int | Deferred | None = None,
        allowed_uses: Sequence[str | Deferred] | None = None,
        is_ca_certificate: bool | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "private_key_pem": private_key_pem,
            "subject": subject,
            "dns_names": dns_names,
            "ip_addresses": ip_addresses,
            "uris": uris,
            "validity_period_hours": validity_period_hours,
            "early_renewal_hours": early_renewal_hours,
            "allowed_uses": allowed_uses,
            "is_ca_certificate": is_ca_certificate,
        }
        super().__init__(self.TYPE, name, given, **options)


class CertRequest(Resource):
    """A request for a certificate, to be signed by an authority.

    - `private_key_pem`: the private key in PEM, a secret. A change replaces it.
    - `subject`: whose it is: common_name, organization, organizational_unit, country, province, locality,
      street_address, postal_code, serial_number. A change replaces it.
    - `dns_names`: host names that it is for. A change replaces it.
    - `ip_addresses`: IP addresses that it is for. A change replaces it.
    - `uris`: URIs that it is for. A change replaces it.
    """

    TYPE = "tls:CertRequest"

    if TYPE_CHECKING:
        cert_request_pem: Reference
        """The request in PEM."""

    def __init__(
        self,
        name: str,
        /,
        *,
        private_key_pem: str | Deferred,
        subject: Mapping[str, Any] | None = None,
        dns_names: Sequence[str | Deferred] | None = None,
        ip_addresses: Sequence[str | Deferred] | None = None,
        uris: Sequence[str | Deferred] | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "private_key_pem": private_key_pem,
            "subject": subject,
            "dns_names": dns_names,
            "ip_addresses": ip_addresses,
            "uris": uris,
        }
        super().__init__(self.TYPE, name, given, **options)


class LocallySignedCert(Resource):
    """A certificate for a request, signed by an authority whose key is at hand.

    - `cert_request_pem`: the request in PEM. A change replaces it.
    - `ca_private_key_pem`: the authority's private key in PEM, a secret. A change replaces it.
    - `ca_cert_pem`: the authority's certificate in PEM. A change replaces it.
    - `validity_period_hours`: how many hours it is valid. A change replaces it.
    - `early_renewal_hours`: how many hours before its end it is due to be replaced; 0.
    - `allowed_uses`: what its key may be used for: digital_signature, content_commitment, key_encipherment,
      data_encipherment, key_agreement, cert_signing, crl_signing, encipher_only, decipher_only, any_extended,
      server_auth, client_auth, code_signing, email_protection, timestamping, ocsp_signing. A change replaces it.
    - `is_ca_certificate`: whether it may sign other certificates; false. A change replaces it.
    """

    TYPE = "tls:LocallySignedCert"

    if TYPE_CHECKING:
        cert_pem: Reference
        """The certificate in PEM."""
        validity_start_time: Reference
        """From when it is valid (RFC 3339)."""
        validity_end_time: Reference
        """Until when it is valid (RFC 3339)."""

    def __init__(
        self,
        name: str,
        /,
        *,
        cert_request_pem: str | Deferred,
        ca_private_key_pem: str | Deferred,
        ca_cert_pem: str | Deferred,
        validity_period_hours: int | Deferred,
        early_renewal_hours: int | Deferred | None = None,
        allowed_uses: Sequence[str | Deferred] | None = None,
        is_ca_certificate: bool | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "cert_request_pem": cert_request_pem,
            "ca_private_key_pem": ca_private_key_pem,
            "ca_cert_pem": ca_cert_pem,
            "validity_period_hours": validity_period_hours,
            "early_renewal_hours": early_renewal_hours,
            "allowed_uses": allowed_uses,
            "is_ca_certificate": is_ca_certificate,
        }
        super().__init__(self.TYPE, name, given, **options)
