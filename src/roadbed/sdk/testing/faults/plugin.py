"""The same provider inside a platform that runs: by an entry point, and with death by SIGKILL."""

from __future__ import annotations

import os
from pathlib import Path

from roadbed.sdk.testing.faults.provider import FaultyProvider, kill
from roadbed.sdk.testing.faults.world import World

WORLD = "ROADBED_TEST_WORLD"
"""The environment variable that names the world's file."""


def make() -> FaultyProvider:
    """What the plugin's entry point names. Raises KeyError if no world is named."""
    return FaultyProvider(World(Path(os.environ[WORLD])), die=kill)


def plugin_folder(
    folder: Path, entry: str = "test = roadbed.sdk.testing.faults:make", name: str = "roadbed-test-plugin"
) -> Path:
    """Makes a folder that brings a plugin to a platform that has it on its PYTHONPATH, as installing it would.

    `entry` is its entry point: `name = module:function`. The module is found there, too, or is installed.
    """
    info = folder / f"{name.replace('-', '_')}-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[roadbed.providers]\n{entry}\n")
    return folder
