"""The guide's provider passes the conformance suite as the guide runs it, and comes in as the guide says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from roadbed.sdk.testing import CHECKS, faults
from roadbed.sdk.testing.faults import plugin_folder

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "write-a-provider.md").read_text(encoding="utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """What the reader has made, once at the end of the guide."""
    for name, body in BLOCKS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(body, encoding="utf-8")
    return tmp_path


def run(*arguments: str, folder: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_provider_passes_the_suite(package: Path) -> None:
    said = run(
        "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider", "test_notes.py", folder=package
    )
    assert f"{len(CHECKS)} passed" in said


def test_its_test_with_faults_passes(package: Path) -> None:
    said = run(
        "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider", "test_retries.py", folder=package
    )
    assert "1 passed" in said


def test_it_names_every_public_part_and_fault() -> None:
    for name in (*get_args(faults.Fault), *faults.__all__):
        assert f"`{name}" in GUIDE or name in _PLAIN, name


_PLAIN = {"Action", "Effect", "Fault", "Thing", "raise_crash"}
"""Named in the signatures of the others."""


def test_its_entry_point_brings_it_in(package: Path) -> None:
    entries = tomllib.loads(BLOCKS["pyproject.toml"])["project"]["entry-points"]["roadbed.providers"]
    plugin_folder(package, f"notes = {entries['notes']}", "roadbed-notes")
    said = run("-c", "from roadbed.providers.registry import with_plugins; print(*with_plugins([]))", folder=package)
    assert "notes:Note" in said.split()


def test_its_types_are_checked_as_ours_are(package: Path) -> None:
    run("-m", "mypy", "--strict", "--cache-dir", os.devnull, "notes/provider.py", folder=package)


def test_it_names_every_rule() -> None:
    for check in CHECKS:
        assert f"| `{check.name}` | {check.rule} |" in GUIDE
