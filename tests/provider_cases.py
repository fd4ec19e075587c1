"""What every provider that needs nothing but a folder is tried with by the conformance suite."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from roadbed.providers.command.provider import CommandProvider
from roadbed.providers.core.provider import CoreProvider
from roadbed.providers.file.provider import FileProvider
from roadbed.providers.random.provider import RandomProvider
from roadbed.providers.tls import certificates, keys
from roadbed.providers.tls.provider import TlsProvider
from roadbed.sdk.testing import Case


def kept_cases() -> list[Case]:
    """Those whose things live in the state alone: they can't be imported, nor vanish."""
    return [*_core_cases(), *_random_cases(), *tls_cases()]


def _core_cases() -> list[Case]:
    core = CoreProvider()
    nested = {"input": {"a": [1, None, "x"]}, "triggers": [1]}
    secret = frozenset({"input"})
    return [
        Case(core, "core:Data", nested, changed={"input": 2, "triggers": [1]}, importable=False),
        Case(core, "core:Data", importable=False),
        Case(core, "core:Data", {}, None, secret, importable=False, refused=[{"input": "swordfish"}]),
        Case(core, "core:Secret", {"input": "swordfish"}, {"input": "tunafish"}, secret, importable=False),
    ]


def _random_cases() -> list[Case]:
    properties: dict[str, dict[str, Any]] = {
        "Id": {"byte_length": 4, "prefix": "web-", "keepers": {"a": 1}},
        "Password": {"length": 20, "min_special": 2},
        "Integer": {"min": 1, "max": 6},
        "Pet": {"length": 3},
        "Choice": {"values": ["a", "b", "c"], "count": 2},
        "Uuid": {},
    }
    refused: dict[str, list[dict[str, Any]]] = {
        "Password": [
            {"length": 2, "min_lower": 3},
            dict.fromkeys(("upper", "lower", "numeric", "special"), False),
            {"special": False, "min_special": 1},
        ],
        "Integer": [{"min": 6, "max": 1}],
        "Choice": [{"values": ["a"], "count": 2}],
    }
    random = RandomProvider()
    return [
        Case(random, f"random:{name}", given, importable=False, refused=refused.get(name, ()))
        for name, given in properties.items()
    ]


def tls_cases() -> list[Case]:
    key, terms = keys.make({}), {"validity_period_hours": 24, "allowed_uses": ["server_auth", "digital_signature"]}
    private, tls = keys.private_outputs(key)["private_key_pem"], TlsProvider()
    who = {"private_key_pem": private, "subject": {"common_name": "web"}, "dns_names": ["web.test"]}
    authority = certificates.self_signed(
        {"subject": {"common_name": "authority"}, "validity_period_hours": 24, "is_ca_certificate": True},
        key,
        datetime.now(UTC),
    )
    signing = {
        "cert_request_pem": certificates.pem(certificates.request(who, key)),
        "ca_private_key_pem": private,
        "ca_cert_pem": certificates.pem(authority),
        **terms,
    }
    secret, early = frozenset({"private_key_pem"}), {"early_renewal_hours": 2}
    stranger = keys.private_outputs(keys.make({}))["private_key_pem"]
    unsigned = [
        {**signing, "cert_request_pem": "no request"},
        {**signing, "ca_cert_pem": "no certificate"},
        {**signing, "ca_private_key_pem": "swordfish"},
        {**signing, "ca_private_key_pem": stranger},
    ]
    nobody = [
        {**who, "private_key_pem": "swordfish"},
        {**who, "ip_addresses": ["no address"]},
        {**who, "dns_names": ["b\u00fccher.test"]},
        {**who, "subject": {"country": "Germany"}},
    ]
    return [
        *(Case(tls, "tls:PrivateKey", given, importable=False) for given in ({}, {"algorithm": "ECDSA"}, _RSA)),
        Case(
            tls,
            "tls:SelfSignedCert",
            {**who, **terms},
            {**who, **terms, **early},
            secret,
            importable=False,
            refused=[{**one, **terms} for one in nobody],
        ),
        Case(tls, "tls:CertRequest", who, None, secret, importable=False, refused=nobody),
        Case(
            tls,
            "tls:LocallySignedCert",
            signing,
            {**signing, **early},
            frozenset({"ca_private_key_pem"}),
            importable=False,
            refused=unsigned,
        ),
    ]


_RSA = {"algorithm": "RSA", "rsa_bits": 2048}


def file_cases(folder: Path) -> list[Case]:
    provider, secret = FileProvider([folder]), frozenset({"content"})

    def path(word: str) -> dict[str, Any]:
        return {"path": f"some/{word}.conf"}

    def text(content: str) -> dict[str, Any]:
        return {"content": content, "mode": "0640"}

    outside = [{"path": where} for where in ("../out", "a/../../out", "/etc/roadbed-out", ".roadbed/x", ".", "a\0b")]
    nothing: list[dict[str, Any]] = [{}, {"content": "a", "content_base64": "YQ=="}, {"content_base64": "%"}]
    wrong = [*nothing, *({**text("one"), **where} for where in outside)]
    return [
        Case(provider, "file:File", text("one"), text("two"), vary=path, vanish=_unlink, refused=wrong),
        Case(provider, "file:File", text("swordfish"), text("tunafish"), secret, path, _unlink),
        Case(provider, "file:File", {"content_base64": "AAECAw=="}, vary=path, vanish=_unlink),
        Case(provider, "file:Directory", {}, {"mode": "0700"}, vary=path, vanish=_rmtree, refused=outside),
    ]


async def _unlink(id: str) -> None:
    Path(id).unlink()


async def _rmtree(id: str) -> None:
    shutil.rmtree(id)


def command_cases(folder: Path) -> list[Case]:
    """A Resource is a file in the state folder of its own, made, found, changed and removed by a shell."""
    provider = CommandProvider(folder)
    shell = {
        "create": ["sh", "-c", 'printf \'{"size": %s, "token": "%s"}\' "$SIZE" "$ROADBED_TOKEN" > thing'],
        "read": ["sh", "-c", "if [ -f thing ]; then cat thing; fi"],
        "delete": ["rm", "-f", "thing"],
        "outputs": "json",
        "network": False,
    }

    def sized(size: int) -> dict[str, Any]:
        return {**shell, "environment": {"SIZE": str(size), "KEY": "swordfish"}}

    async def vanish(id: str) -> None:
        (folder / id / "thing").unlink()

    command = {"create": ["sh", "-c", "echo made; echo $KEY >&2"], "delete": ["true"], "network": False}
    keyed = {**command, "environment": {"KEY": "swordfish"}}
    secret = frozenset({"environment.KEY"})
    wrong: list[dict[str, Any]] = [
        {"create": ["no-such-program"]},
        {"create": ["/no/such/script.sh"]},
        {"create": ["sh", "-c", "exit 3"]},
        {"create": ["a\0b"]},
        {"files": {"script.sh": "true"}},
        {"files": {"/a/../b": "true"}},
        {"environment": {"A=B": "x"}},
        {"environment": {"A": "a\0b"}},
    ]
    refused = [{**keyed, **one} for one in wrong]
    again = {**keyed, "update": ["echo", "again"]}
    return [
        Case(
            provider,
            "command:Resource",
            sized(1),
            sized(2),
            secret,
            vanish=vanish,
            refused=[{**sized(1), **one} for one in wrong],
        ),
        Case(provider, "command:Command", keyed, again, secret, importable=False, refused=refused),
        Case(provider, "command:Command", {**keyed, "sensitive": True}, None, secret, importable=False),
    ]


def readable(folder: Path) -> Path:
    """A folder that the sandbox's user passes through, also below a private temporary one."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        folder.chmod(0o711)
    return folder


def names(cases: list[Case]) -> list[str]:
    return [f"{case.type}-{number}" for number, case in enumerate(cases)]
