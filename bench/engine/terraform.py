"""Terraform at the same job, each command a whole process, its state in a local file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.engine import programs
from bench.engine.commands import Done, TookTooLong, run
from bench.engine.programs import Shape
from bench.engine.quick import say
from bench.figures import Figure, Peer

LIMIT_S = 900.0
"""A command that takes longer is stopped; its figure says `over 900 s`."""


@cache
def version() -> str | None:
    """`terraform 1.11.4`; None where there is none."""
    if shutil.which("terraform") is None:
        return None
    told = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True, check=True, env=_plain())
    found: str = json.loads(told.stdout)["terraform_version"]
    return f"terraform {found}"


class Terraform:
    """A folder with a configuration, initialised."""

    def __init__(self, folder: Path, shape: Shape, count: int) -> None:
        self.folder = folder
        (folder / "main.tf").write_text(programs.terraform(shape, count))
        self.run("init")

    def run(self, verb: str, *options: str, limit: float = LIMIT_S) -> Done:
        """Raises TookTooLong."""
        return run(self.command(verb, *options), cwd=self.folder, environment=_plain(), limit=limit)

    def command(self, verb: str, *options: str) -> list[str]:
        answers = {"apply": ["-auto-approve"], "destroy": ["-auto-approve"]}.get(verb, [])
        return ["terraform", verb, "-no-color", "-input=false", *answers, *options]

    @property
    def state(self) -> Path:
        return self.folder / "terraform.tfstate"


@dataclass(frozen=True, slots=True)
class Measured:
    seconds: float
    peak_mb: float
    note: str = ""


@cache
def measured(shape: Shape, count: int) -> Mapping[str, Measured]:
    """Apply, plan and destroy, once; by verb. What comes after a command that was stopped is left out."""
    found: dict[str, Measured] = {}
    if version() is None:
        return found
    with terraform(shape, count) as project:
        for verb in ("apply", "plan", "destroy"):
            try:
                done = project.run(verb)
            except TookTooLong as stopped:
                say(f"terraform {verb}: over {LIMIT_S:.0f} s")
                return found | {verb: Measured(LIMIT_S, stopped.peak_mb, f" (stopped after {LIMIT_S:.0f} s)")}
            found[verb] = Measured(done.seconds, done.peak_mb)
            say(f"terraform {verb}: {done.seconds:.2f} s, {done.peak_mb:.0f} MB")
    return found


@contextmanager
def terraform(shape: Shape, count: int) -> Iterator[Terraform]:
    folder = Path(tempfile.mkdtemp(prefix="roadbed-bench-terraform-"))
    try:
        yield Terraform(folder, shape, count)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def beside(figure: Figure, value: float | None, *, note: str = "") -> Figure:
    """Our measured figure with terraform's."""
    if value is None or figure.value is None:
        return figure
    peer = Peer(f"{version()}{note}", round(value, 2), round(figure.value / value, 4) if value else 0.0)
    return Figure(figure.name, figure.value, figure.unit, figure.goal, peer)


def _plain() -> dict[str, str]:
    """Nothing of whoever runs this, and no question to the vendor whether there is a newer one."""
    own = {name: value for name, value in os.environ.items() if not re.match("TF_", name)}
    return own | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
