"""The rules of the loop, broken on purpose: each planted violation is seen by a contract."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINT = Path(sys.executable).with_name("lint-imports")

VIOLATIONS: dict[str, tuple[str, str, str]] = {
    "a service that touches the gateway": (
        "delivery/service.py",
        "from roadbed.gateway.service import Gateway",
        "Only a provider or a runtime's controller changes the world",
    ),
    "a service that touches a runtime": (
        "delivery/service.py",
        "from roadbed.runtimes.declarations import Declarations",
        "Only a provider or a runtime's controller changes the world",
    ),
    "a service that touches a backing service": (
        "catalog/service.py",
        "from roadbed.providers.postgres.server import ApplicationServer",
        "Only a provider or a runtime's controller changes the world",
    ),
    "a page that starts replicas": (
        "portal/app.py",
        "from roadbed.runtimes.drivers.process.driver import ProcessDriver",
        "Only a provider or a runtime's controller changes the world",
    ),
    "a capability that reads another's tables": (
        "delivery/service.py",
        "from roadbed.engine import repository as engine_repository",
        "repository, tables, reconcile and controller are private to their capability",
    ),
    "a low tier that reaches up": (
        "audit/service.py",
        "from roadbed.delivery import views",
        "Capabilities stand in tiers",
    ),
    "a domain that speaks SQL": (
        "delivery/domain.py",
        "import sqlalchemy",
        "Domain, reconcile and the SDK are pure",
    ),
    "a command that imports a service": (
        "cli/apps_shortcut.py",
        "from roadbed.delivery.service import Applications",
        "The CLI is a client of the API",
    ),
    "a repository that imports its service": (
        "delivery/repository.py",
        "from roadbed.delivery import service",
        "Inside a capability",
    ),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project as far as the contracts look at it."""
    copy = tmp_path_factory.mktemp("tree")
    kept_out = shutil.ignore_patterns("__pycache__", "node_modules", "static", "assets", "starter")
    shutil.copytree(ROOT / "src", copy / "src", ignore=kept_out)
    shutil.copytree(ROOT / "contracts", copy / "contracts", ignore=kept_out)
    shutil.copy(ROOT / ".importlinter", copy)
    return copy


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Reads the copy, not the installed package: what stands in PYTHONPATH is found first."""
    environment = {"PYTHONPATH": f"{tree / 'src'}:{tree}", "PATH": "/usr/bin:/bin", "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        [str(LINT), "--no-cache"], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def test_the_tree_as_it_is_keeps_every_contract(tree: Path) -> None:
    done = lint(tree)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_planted_violation_is_seen(tree: Path, name: str) -> None:
    file, line, contract = VIOLATIONS[name]
    path = tree / "src" / "roadbed" / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        done = lint(tree)
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert done.returncode == 1, done.stdout
    broken = [text for text in done.stdout.splitlines() if text.rstrip().endswith("BROKEN")]
    assert any(contract in text for text in broken), done.stdout
