"""A provider whose world outlives the process, and which fails in every way that a provider can.

What is tried with it is what stands above a provider: an engine, a pipeline, a program with retries of its own. A thing
is known by its creation's token, so two halves of a replacement stand side by side, and a creation that is tried again
finds what it made. `World.effects` is the truth to hold a journal against.

    world = World(tmp_path / "world.db")
    provider = FaultyProvider(world)
    world.fail("a", "lost", action="create")  # it happens, and the answer is lost

Its types: `test:Thing`; `test:Twin`, whose replacement stands beside it; `test:Once`, which can't be found again after
a crash; `test:Rollout`. As a plugin (`plugin_folder`) it runs inside a real server, which dies of SIGKILL where a crash
is asked for: another process opens the same `World` and asks for the faults.
"""

from __future__ import annotations

from roadbed.sdk.testing.faults.plugin import WORLD, make, plugin_folder
from roadbed.sdk.testing.faults.provider import KEY, Crash, FaultyProvider, key_of, kill, raise_crash
from roadbed.sdk.testing.faults.world import LIES, Action, Effect, Fault, Thing, World

__all__ = [
    "KEY",
    "LIES",
    "WORLD",
    "Action",
    "Crash",
    "Effect",
    "Fault",
    "FaultyProvider",
    "Thing",
    "World",
    "key_of",
    "kill",
    "make",
    "plugin_folder",
    "raise_crash",
]
