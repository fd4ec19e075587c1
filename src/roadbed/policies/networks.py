"""Addresses: how many of them a rule means."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from roadbed.policies.values import word

_WORLD = ("*", "any", "internet", "0.0.0.0", "::")  # noqa: S104 - nothing is bound
_WIDE = 8
"""The shortest prefix that is no more than one organisation's."""
_MOST = 1 << (32 - _WIDE)


def everywhere(source: Any) -> bool:
    """Whether addresses, as a network or by a name, are more than one organisation's."""
    if not isinstance(source, str):
        return False
    if word(source) in _WORLD or word(source).endswith("/0"):
        return True
    try:
        return ip_network(source.strip(), strict=False).prefixlen < _WIDE
    except ValueError:
        return False


def many(ends: Sequence[Any]) -> bool:
    """Whether there are more addresses from the first to the last than one organisation has."""
    try:
        first, last = [int(ip_address(str(each).strip())) for each in ends]
    except ValueError:
        return False
    return last - first >= _MOST
