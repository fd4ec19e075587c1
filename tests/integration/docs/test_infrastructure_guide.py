"""The guide "Infrastructure in Python": each of its programs runs in the program host and can be planned."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

import roadbed
from roadbed.engine.domain import Graph
from roadbed.engine.expressions.values import Secret
from roadbed.engine.planning import graph, schema
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.planner import draft
from roadbed.platform.host import ProgramHost, Programs
from roadbed.platform.repo import PlatformRepo
from roadbed.providers.core.provider import CoreProvider
from roadbed.providers.driver import ResourceType
from roadbed.providers.file.provider import FileProvider
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.random.provider import RandomProvider

GUIDE = Path(roadbed.__file__).parents[2] / "docs/guides/infrastructure-in-python.md"
BLOCKS = re.findall(r"^```python\n# (\S+)\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
PROGRAMS = [index for index, (file, _) in enumerate(BLOCKS) if file == "roadbed.py"]
PROVIDERS = (CoreProvider, FileProvider, PostgresProvider, RandomProvider)
TYPES: dict[str, ResourceType] = {name: made for provider in PROVIDERS for name, made in provider.types.items()}
KINDS = {"dev": "development", "prod": "production"}


class Known:
    def output(self, urn: str, output: str) -> Any:
        raise AssertionError(f"{urn} isn't known before it is made")

    def secret(self, name: str) -> Secret:
        return Secret(name)

    def imported(self, stack: str, name: str) -> Any:
        return f"{name} of {stack}"


async def _declared(home: Path, index: int, environment: str) -> Graph:
    tree = home / "tree"
    tree.mkdir()
    for file, body in BLOCKS[: index + 1]:
        (tree / file).parent.mkdir(exist_ok=True)
        (tree / file).write_text(body)
    request = {
        "stack": f"orders@{environment}",
        "environment": environment,
        "environment_kind": KINDS[environment],
        "owner": None,
    }
    host = ProgramHost(PlatformRepo(home / "platform"))
    document = await host.declare(Programs(tree, "", "roadbed.py", str(index)), request)
    return graph.read(document)


@pytest.mark.parametrize("environment", KINDS)
@pytest.mark.parametrize("index", PROGRAMS)
async def test_a_program_of_the_guide_can_be_planned(home: Path, index: int, environment: str) -> None:
    declared = await _declared(home, index, environment)
    schema.check(declared, TYPES)
    facts = Facts({}, TYPES, Known(), lambda value: hashlib.sha256(value.encode()).hexdigest()[:8])
    steps = draft(declared, facts).steps
    assert len(steps) == len(declared.nodes) > 0
    assert {step.action for step in steps} <= {"create", "none"}


def test_every_block_is_a_file() -> None:
    assert len(BLOCKS) == GUIDE.read_text(encoding="utf-8").count("```python")
    assert len(PROGRAMS) >= 6
