"""Values that stand in the graph as resources: to hang dependencies on, to trigger replacements, to hold one still."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.providers.kept import Kept, identity, refuse_secrets

DATA, SECRET = "core:Data", "core:Secret"

_INSTEAD = "carry it in a core:Secret"
_TRIGGERS = Property({}, replace=True, description="Anything; a change of it makes a new one.")


class CoreProvider(Kept):
    """Effects nothing, so there is no reason to hold anything back: `parallel` is large."""

    name: ClassVar[str] = "core"
    parallel: ClassVar[int] = 1000
    types: ClassVar[Mapping[str, ResourceType]] = {
        DATA: ResourceType(
            DATA,
            "Carries any value and does nothing in the world.",
            {
                "input": Property({}, description="Any JSON, nothing secret.", plain_only=_INSTEAD),
                "triggers": _TRIGGERS,
            },
            outputs={"output": "What was given as `input`, null where nothing was."},
            follows={"output": ("input",)},
            replacement="create_first",
        ),
        SECRET: ResourceType(
            SECRET,
            "Carries a secret value and does nothing in the world.",
            {
                "input": Property(
                    {"writeOnly": True}, required=True, description="Text, or any JSON, which then becomes text."
                ),
                "triggers": _TRIGGERS,
            },
            secret_outputs={"output": "What was given as `input`, as text."},
            follows={"output": ("input",)},
            replacement="create_first",
        ),
    }

    async def create(self, desired: Desired, report: Report) -> Actual:
        return _actual(desired, identity(desired))

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        return _actual(desired, id)


def _actual(desired: Desired, id: str) -> Actual:
    given = desired.properties.get("input")
    if desired.type == SECRET:
        return Actual(id, secrets={"output": given if isinstance(given, str) else json.dumps(given)})
    refuse_secrets(desired, "input", _INSTEAD)
    return Actual(id, {"output": given})
