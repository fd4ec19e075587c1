"""Tells what is confidential by how it is called, and whether what stands there would be the secret itself."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any

from roadbed.policies.values import no, word, yes

DEFAULTS = frozenset(
    ("admin", "administrator", "changeme", "default", "guest", "letmein", "master", "password", "postgres", "root",
     "secret", "test", "welcome", "12345", "123456", "12345678", "password1", "password123", "passw0rd", "qwerty")
)  # fmt: skip
"""What everybody tries first."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET = frozenset(
    ("password", "passwd", "passphrase", "secret", "token", "credential", "credentials", "apikey", "authorization",
     "pwd")
)  # fmt: skip
_ENDINGS = ("password", "passwd", "passphrase", "apikey", "secretkey", "accesskey", "privatekey", "authtoken", "dbpass")
"""How a word ends that is several, written as one: PGPASSWORD."""
_KEYS = frozenset(
    ("api", "private", "access", "secret", "signing", "encryption", "account", "shared", "master", "storage")
)  # fmt: skip
_ABOUT = frozenset(
    ("id", "ids", "arn", "name", "names", "ref", "reference", "path", "file", "dir", "url", "uri", "endpoint",
     "policy", "length", "type", "ttl", "version", "algorithm", "rotation", "enabled", "expiry", "expires",
     "expiration", "days", "hours", "minutes", "seconds", "units", "size", "count", "format", "header", "prefix",
     "field", "audience", "issuer", "max", "min", "limit", "strategy", "mode", "method", "permissions", "scope",
     "scopes", "authentication", "manager", "provider", "store", "username", "user", "attempts", "retries", "rate",
     "rounds", "lifetime", "age", "interval", "timeout", "required", "template", "pattern", "regex", "encryption",
     "hashers", "validators", "class", "backend", "driver", "location", "host", "port", "region", "namespace",
     "service", "title", "label", "hint", "placeholder", "server", "validity", "alg", "algo", "claim", "claims",
     "domain", "realm", "issued")
)  # fmt: skip
"""A name that ends so says something about a secret, and isn't one: PASSWORD_LENGTH, secretName."""
_ASKING = frozenset(
    ("existing", "use", "require", "requires", "allow", "enable", "disable", "has", "is")
)  # fmt: skip
"""A name that begins so does, too: USE_TOKEN, existingSecret."""
_HARMLESS_NAMES = frozenset(("pwd", "oldpwd", "clienttoken", "clientrequesttoken", "nexttoken"))
_HARMLESS = ("none", "null", "required", "optional", "days", "hours", "minutes", "seconds", "bearer", "basic")
_MOST_DIGITS = 6
"""A number of so few is a count, or a time; unless everybody tries it first."""
_PLACE = re.compile(r"https?://[^@]*|(?:file:|\.{0,2})(?:/[\w.-]+){2,}|[\w./-]+\.(?:pem|key|crt|cert|json|p12|jks|txt)")
"""A text that only leads to something: an address, a file."""
_ELSEWHERE = ("{{resolve:", "@microsoft.keyvault(", "arn:", "vault:", "/run/secrets/", "/var/run/secrets/", "projects/")
"""How a text begins that only says where the secret is."""
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}|\$\w+|<[^<>]*>|\{\{.*?\}\}|\*+|%\(\w+\)s|\{\w*\}")


@lru_cache(maxsize=4096)
def sounds(name: str) -> bool:
    """Whether what is called so is confidential: DB_PASSWORD, apiKey, MasterUserPassword."""
    words = [found.lower() for found in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT or words[0] in _ASKING or "".join(words) in _HARMLESS_NAMES:
        return False
    if words[-1] == "key" and words[-2:-1] in (["password"], ["token"]):
        return False  # which key of a map it is
    if words[-1] == "pass" or any(each in _SECRET or each.endswith(_ENDINGS) for each in words):
        return True
    return any(first in _KEYS and then == "key" for first, then in pairwise(words))


def plain(value: Any) -> bool:
    """Whether it is a text that would be the secret itself."""
    text = word(value)
    if text in DEFAULTS:
        return True
    if yes(value) or no(value) or (text.isdigit() and len(text) <= _MOST_DIGITS):
        return False
    if text.startswith(_ELSEWHERE) or _PLACE.fullmatch(text):
        return False
    left = _PLACEHOLDER.sub("", text).strip()
    return left not in _HARMLESS and any(map(str.isalnum, left))
