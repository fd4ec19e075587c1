"""Terraform killed with -9 in the middle of an apply, and what is left of its state."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import tempfile
import time

from bench.engine.quick import say
from bench.engine.terraform import Terraform, terraform

KILLS = 20
COUNT = 300
_TRIES = 4


def lost_states(kills: int = KILLS) -> int:
    """Of so many kills: how many left an empty, unreadable or missing state after resources had been made."""
    chance = random.Random(1)
    with terraform("independent", COUNT) as project:
        usual = project.run("apply").seconds
        lost = [_is_lost(project, usual, chance) for _ in range(kills)]
    say(f"terraform: {sum(lost)} of {kills} states empty or unreadable")
    return sum(lost)


def _is_lost(project: Terraform, usual: float, chance: random.Random) -> bool:
    for _ in range(_TRIES):
        for file in project.folder.glob("terraform.tfstate*"):
            file.unlink()
        if _killed_in_the_middle(project, chance.uniform(0.1, 0.9) * usual):
            return not _readable(project)
    raise RuntimeError("terraform could not be killed in the middle of an apply")


def _killed_in_the_middle(project: Terraform, after: float) -> bool:
    """Whether it had made something, and was not done."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            project.command("apply"), cwd=project.folder, stdout=output, stderr=output, start_new_session=True
        )
        time.sleep(after)
        done = process.poll() is not None
        os.killpg(process.pid, signal.SIGKILL) if not done else None
        process.wait()
        output.seek(0)
        return not done and "Creation complete" in output.read()


def _readable(project: Terraform) -> bool:
    try:
        return bool(json.loads(project.state.read_text())["resources"])
    except (OSError, ValueError, KeyError):
        return False
