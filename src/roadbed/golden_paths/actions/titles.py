"""What steps of golden paths may be: each action's title, by its id."""

from __future__ import annotations

from collections.abc import Mapping

from roadbed.golden_paths.actions.debugging import DEBUG_ACTIONS
from roadbed.golden_paths.actions.files import FILE_ACTIONS

PLATFORM_TITLES: Mapping[str, str] = {
    "publish:git": "Create the repository",
    "catalog:register": "Register it in the catalog",
    "catalog:write": "Write the catalog entry",
    "catalog:fetch": "Read the catalog",
    "roadbed:deploy": "Build and deploy it",
}
"""Of those that need a running platform."""
TITLES: Mapping[str, str] = {**PLATFORM_TITLES, **{one.id: one.title for one in (*FILE_ACTIONS, *DEBUG_ACTIONS)}}
