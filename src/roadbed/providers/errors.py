"""What can go wrong with finding a provider."""

from __future__ import annotations

from roadbed.kit.errors import NotFound


class UnknownType(NotFound, KeyError):
    """No provider has this resource type. A KeyError too, so that the registry is a mapping like any other."""

    code = "unknown_type"
