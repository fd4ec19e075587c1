"""The tables of the guides on what a team already has name what there is, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import roadbed
from roadbed.sdk.contracts import CONTRACTS

ROOT = Path(roadbed.__file__).parents[2]
SCORE = (ROOT / "docs/guides/score-on-roadbed.md").read_text(encoding="utf-8")
STARTER = (ROOT / "src/roadbed/platform/starter/provisioners/defaults.py").read_text(encoding="utf-8")
PROVISIONERS = dict(
    re.findall(r'^@provisioner\("([\w-]+)", params=.*?\)\n(.*?)(?=^@|\Z)', STARTER, re.MULTILINE | re.DOTALL)
)
"""By the type that each satisfies: its code."""
_NAME = re.compile(r"`([^`]+)`")


def rows(heading: str) -> Iterator[tuple[str, str]]:
    """Of the table below a heading."""
    section = SCORE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            first, second = line.strip("| ").split(" | ")
            yield first, second


def test_every_type_that_the_starter_offers_stands_there_with_its_outputs_and_params() -> None:
    told = {_NAME.findall(first)[0]: set(_NAME.findall(second)) for first, second in rows("Types and their outputs")}
    assert set(told) == set(PROVISIONERS)
    for name, names in told.items():
        if (contract := CONTRACTS.get(name)) and not contract.open:
            given = {output for output in contract.optional if f'"{output}":' in PROVISIONERS[name]}
            assert names == {*contract.outputs, *given, *contract.params}, name


def test_every_field_of_a_container_stands_there() -> None:
    fields = {name for first, _ in rows("What each field does") for name in _NAME.findall(first)}
    expected = {
        "metadata.name", "metadata.annotations", "containers", "image", "command", "args", "variables", "files",
        "volumes", "resources.limits.memory", "resources.limits.cpu", "resources.requests", "livenessProbe",
        "readinessProbe", "before", "service.ports", "resources",
    }  # fmt: skip
    assert fields == expected


def test_types_that_nothing_satisfies_are_named() -> None:
    for name in set(CONTRACTS) - set(PROVISIONERS):
        assert f"`{name}`" in SCORE, name
