"""Hiding secret values in text that people read: logs, errors, plans."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "••••••"
MIN_LENGTH = 4
"""Shorter values are left: hiding every `a` or `80` makes a log unreadable and says how long the secret is."""


def encodings(value: str) -> frozenset[str]:
    """The ways in which the whole of a value turns up: as it is, in JSON, in a URL, in base64."""
    forms = {value, value.strip(), json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    forms |= {quote(value, safe=""), quote(value), base64.b64encode(value.encode()).decode()}
    return frozenset(form for form in forms if len(form) >= MIN_LENGTH)


def spellings(value: str) -> frozenset[str]:
    """The ways in which a value turns up in output: whole, or line by line."""
    return encodings(value) | {line for line in value.splitlines() if len(line) >= MIN_LENGTH}


class Masker:
    """Replaces each known secret of at least 4 characters, however it is spelled, by `••••••`."""

    def __init__(self, values: Iterable[str]) -> None:
        known = {form for value in values if len(value) >= MIN_LENGTH for form in spellings(value)}
        # The longest first: of a secret that begins with another, no rest may be left standing.
        self.forms = tuple(sorted(known, key=lambda form: (-len(form), form)))
        self._pattern = re.compile("|".join(map(re.escape, self.forms))) if self.forms else None

    def mask(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text
