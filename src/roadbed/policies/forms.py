"""Tells a secret by what it looks like: the forms of keys and tokens, and passwords within longer texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from roadbed.policies.confidential import DEFAULTS, plain, sounds
from roadbed.policies.values import word

_MOST_LOOKED_AT = 100_000
_SHORT = 120
_LOOKS = (
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]{2,12} )?PRIVATE KEY-----")),
    ("an access key of AWS", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a key of Google", re.compile(r"\bAIza[\w-]{35}")),
    ("a token", re.compile(r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})")),
    ("a token", re.compile(r"\b(?:npm_\w{30,}|pypi-[\w-]{30,}|hf_\w{30,}|dop_v1_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,})")),
    ("a token", re.compile(r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10}")),
    ("a webhook that anybody may call", re.compile(r"https://hooks\.slack\.com/(?:services|workflows)/\w{5,}/\w{5,}")),
    ("a live key", re.compile(r"\b(?:[sr]k_live_\w{10,}|sk-(?:proj|ant|svcacct)-[\w-]{20,})")),
)
_HINT = re.compile(
    r"(?i)-----BEGIN|AKIA|ASIA|AIza|gh[pousr]_|github_|glpat-|xox|npm_|pypi-|hf_|dop_v1_|SG\.|eyJ|hooks\.slack|_live_|sk-"
    r"|:/|passw|pwd|accountkey|sharedaccess|identified|authorization|\n|\{"
)
"""What stands in every text that the rest can be found in: most have none of it, and are not looked at further."""
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s/@:]{0,200}:([^\s/@]{1,500})@")
_SETTINGS = (
    re.compile(r"(?i)\b(?:password|passwd|pwd|accountkey|sharedaccesskey)\s?=\s?([^\s;&'\"()\[\]]{1,500})"),
    re.compile(r"(?i)\b(?:password|identified by)\s{1,9}'([^']{1,500})'"),
    re.compile(r"(?i)\bauthorization:\s{0,9}(?:bearer|basic|token)\s{1,9}([^\s'\"]{4,2000})"),
)
_LINE = re.compile(
    r"""(?m)^[ \t-]{0,60}(?:export[ \t]+)?["']?([\w.-]{1,80})["']?[ \t]*[:=][ \t]*"""
    r"""["']?([^\s"'`(){}\[\]<>,;]{1,500})["']?[ \t\r]*[,;]?[ \t\r]*$"""
)
"""A line of a file with settings: `password: hunter2`, `export TOKEN=abc`."""
_PAIR = re.compile(r'"([\w.-]{1,80})"\s{0,9}:\s{0,9}"([^"\\]{1,500})"')
_OF_PROGRAMS = re.compile(r"(?:process|os|env|self|this|config|settings|args|request|req|ctx|var|local|data)\.\w.*")
_KINDS = ("string", "str", "bytes", "any", "text", "number", "varchar", "undefined")


def looks(value: Any) -> str | None:
    """What a text is that shows a secret, by its form: "a private key"."""
    if not isinstance(value, str):
        return None
    return _short(value) if len(value) <= _SHORT else _looks(value[:_MOST_LOOKED_AT])


@lru_cache(maxsize=4096)
def _short(text: str) -> str | None:
    """Of short texts: the same ones stand in resource after resource."""
    return _looks(text)


def _looks(text: str) -> str | None:
    if _HINT.search(text) is None:
        return None
    for what, pattern in _LOOKS:
        if pattern.search(text):
            return what
    if any(plain(found) for found in _URL.findall(text)):
        return "a URL with a password in it"
    if any(_said(found) for pattern in _SETTINGS for found in pattern.findall(text)):
        return "a connection's settings with a password in them"
    name = next(_named_in(text), None)
    return None if name is None else f"a text with {name} in it"


def shown(name: str, value: Any) -> str | None:
    """What stands plainly under a name, None if it is nothing confidential."""
    if sounds(name) and plain(value):
        return "the default that everybody tries first" if word(value) in DEFAULTS else "plain text"
    return looks(value)


def _named_in(text: str) -> Iterator[str]:
    """The names of secrets that a file with settings has plainly: of one line there is none, unless it is JSON."""
    lines = _LINE.findall(text) if "\n" in text else []
    pairs = _PAIR.findall(text) if "{" in text else []
    for name, value in (*lines, *pairs):
        if sounds(name) and _said(value):
            yield name


def _said(value: str) -> bool:
    """Whether it is the secret, not a type or a variable of a program."""
    return plain(value) and word(value) not in _KINDS and _OF_PROGRAMS.fullmatch(value) is None
