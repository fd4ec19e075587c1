"""The door through which every resource type comes in.

A plugin's author meets it as `roadbed.sdk.providers`, which stands on nothing of the server; the rules are there.
"""

from __future__ import annotations

from roadbed.sdk.providers import (
    Actual,
    ChecksClaims,
    ChecksMachine,
    Desired,
    Phase,
    Property,
    Provider,
    Replacement,
    Report,
    ResourceType,
    Transient,
)

__all__ = [
    "Actual",
    "ChecksClaims",
    "ChecksMachine",
    "Desired",
    "Phase",
    "Property",
    "Provider",
    "Replacement",
    "Report",
    "ResourceType",
    "Transient",
]
