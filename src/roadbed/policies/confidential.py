"""Tells what is confidential by how it is called and by what it looks like, and where it stands plainly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from roadbed.policies.places import HOLDERS
from roadbed.policies.values import unknown, word

DEFAULTS = frozenset(
    ("admin", "administrator", "changeme", "default", "guest", "letmein", "master", "password", "postgres", "root",
     "secret", "test", "welcome", "12345", "123456", "12345678", "password1", "password123", "passw0rd", "qwerty")
)  # fmt: skip
"""What everybody tries first."""

_MOST_LOOKED_AT = 100_000
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET = frozenset(
    (
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "credential",
        "credentials",
        "apikey",
        "authorization",
        "pwd",
    )
)
_KEYS = frozenset(
    ("api", "private", "access", "secret", "signing", "encryption", "account", "shared", "master", "storage")
)
_ABOUT = frozenset(
    (
        "id",
        "ids",
        "arn",
        "name",
        "names",
        "ref",
        "reference",
        "path",
        "file",
        "dir",
        "url",
        "uri",
        "endpoint",
        "policy",
        "length",
        "type",
        "ttl",
        "version",
        "algorithm",
        "rotation",
        "enabled",
        "expiry",
        "expires",
        "expiration",
        "days",
        "hours",
        "minutes",
        "seconds",
        "units",
        "size",
        "count",
        "format",
        "header",
        "prefix",
        "field",
        "audience",
        "issuer",
        "max",
        "min",
        "limit",
        "strategy",
        "mode",
        "method",
        "permissions",
        "scope",
        "scopes",
        "authentication",
        "manager",
        "provider",
        "store",
        "username",
        "user",
    )
)
"""A name that ends so says something about a secret, and isn't one: PASSWORD_LENGTH, secretName."""
_HARMLESS_NAMES = frozenset(("pwd", "oldpwd", "clienttoken", "clientrequesttoken", "nexttoken"))
_ELSEWHERE = ("{{resolve:", "@microsoft.keyvault(", "arn:", "vault:", "/run/secrets/", "/var/run/secrets/", "projects/")
"""How a text begins that only says where the secret is."""
_PLACEHOLDER = re.compile(r"\$\{.*\}|\$\w+|<[^<>]*>|\{\{.*\}\}|\*+|%\(\w+\)s|\{\w*\}")
_LOOKS = (
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]{2,12} )?PRIVATE KEY-----")),
    ("an access key of AWS", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a token", re.compile(r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})")),
    ("a live key", re.compile(r"\b[sr]k_live_\w{10,}")),
)
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s/@:]{0,200}:([^\s/@]{1,500})@")
_SETTING = re.compile(r"(?i)\b(?:password|passwd|pwd|accountkey|sharedaccesskey)\s?=\s?([^\s;&'\"]{1,500})")


def sounds(name: str) -> bool:
    """Whether what is called so is confidential: DB_PASSWORD, apiKey, MasterUserPassword."""
    words = [found.lower() for found in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT or "".join(words) in _HARMLESS_NAMES:
        return False
    if not _SECRET.isdisjoint(words):
        return True
    return any(first in _KEYS and then == "key" for first, then in pairwise(words))


def plain(value: Any) -> bool:
    """Whether it is a text that would be the secret itself."""
    text = word(value)
    if text in ("", "true", "false", "none", "null") or text.startswith(_ELSEWHERE):
        return False
    return _PLACEHOLDER.fullmatch(text) is None


def looks(value: Any) -> str | None:
    """What a text is that shows a secret, by its form: "a private key"."""
    if not isinstance(value, str):
        return None
    text = value[:_MOST_LOOKED_AT]
    for what, pattern in _LOOKS:
        if pattern.search(text):
            return what
    if any(plain(found) for found in _URL.findall(text)):
        return "a URL with a password in it"
    if any(plain(found) for found in _SETTING.findall(text)):
        return "a connection's settings with a password in them"
    return None


def shown(name: str, value: Any) -> str | None:
    """What stands plainly under a name, None if it is nothing confidential."""
    if sounds(name) and plain(value):
        return "the default that everybody tries first" if word(value) in DEFAULTS else "plain text"
    return looks(value)


def texts(value: Any, path: str = "", name: str = "") -> Iterator[tuple[str, str, str]]:
    """Every plain text below: its path, the name that it stands under (none in a list), and itself.

    Variables are left out: they are looked at by themselves.
    """
    if isinstance(value, str):
        yield path, name, value
    elif isinstance(value, Mapping) and not unknown(value):
        for key, one in value.items():
            if str(key).lower() not in HOLDERS:
                yield from texts(one, f"{path}.{key}" if path else str(key), str(key))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from texts(one, f"{path}.{number}")
