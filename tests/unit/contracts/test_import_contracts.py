"""The rules of who may import whom hold, and each violation that is planted in a copy of the code is caught."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINT = Path(sys.executable).with_name("lint-imports")
pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Planted:
    """`line` is added to `module`; `contract` breaks, and what is said names `told`."""

    module: str
    line: str
    contract: str
    told: str

    def __str__(self) -> str:
        return f"{self.module}: {self.line}"


ACTUATORS = "Only a provider or a runtime's controller changes the world"
TIERS = "Capabilities stand in tiers"
PRIVATE = "repository, tables, reconcile and controller are private to their capability"
INSIDE = "Inside a capability: routes, controller and provider over service over repository over domain"
PURE = "Domain, reconcile, planning and the SDK are pure"
CLIENT = "The CLI is a client of the API"

VIOLATIONS = (
    Planted(
        "delivery/service.py", "from roadbed.gateway.service import Gateway", ACTUATORS, "roadbed.delivery.service"
    ),
    Planted("delivery/service.py", "from roadbed.gateway.traefik import driver", ACTUATORS, "roadbed.gateway.traefik"),
    Planted(
        "delivery/deployment/handler.py", "import roadbed.runtimes.drivers.process.driver", ACTUATORS, "drivers.process"
    ),
    Planted("delivery/planning.py", "import roadbed.runtimes.declarations", ACTUATORS, "roadbed.runtimes.declarations"),
    Planted("engine/service.py", "import roadbed.providers.postgres.server", ACTUATORS, "providers.postgres.server"),
    Planted("portal/visit.py", "import roadbed.gateway.service", ACTUATORS, "roadbed.portal.visit"),
    Planted("golden_paths/service.py", "import roadbed.catalog.repository", PRIVATE, "roadbed.golden_paths.service"),
    Planted("delivery/views.py", "import roadbed.runtimes.tables", PRIVATE, "roadbed.runtimes.tables"),
    Planted("delivery/domain.py", "import sqlalchemy", PURE, "roadbed.delivery.domain"),
    Planted("runtimes/reconcile.py", "import subprocess", PURE, "roadbed.runtimes.reconcile"),
    Planted("engine/planning/facts.py", "import roadbed.storage.call", PURE, "roadbed.engine.planning.facts"),
    Planted("workload/score.py", "import roadbed.storage.database", PURE, "roadbed.workload.score"),
    Planted("cli/apps_helper.py", "import roadbed.delivery.service", CLIENT, "roadbed.cli.apps_helper"),
    Planted("client/transport.py", "import pydantic", CLIENT, "roadbed.client.transport"),
    Planted("catalog/domain.py", "import roadbed.delivery.views", TIERS, "roadbed.catalog.domain"),
    Planted("kit/names.py", "import roadbed.storage.call", TIERS, "roadbed.kit.names"),
    Planted("api/app.py", "import roadbed.portal.app", TIERS, "roadbed.api.app"),
    Planted("catalog/repository.py", "import roadbed.catalog.service", INSIDE, "roadbed.catalog.repository"),
    Planted("brand_new/__init__.py", "", TIERS, "brand_new"),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code and its contracts, apart from those that run."""
    folder = tmp_path_factory.mktemp("contracts")
    only_code = shutil.ignore_patterns("__pycache__", "node_modules", "assets", "static", "starter")
    shutil.copytree(ROOT / "src" / "roadbed", folder / "src" / "roadbed", ignore=only_code)
    shutil.copytree(ROOT / "contracts", folder / "contracts", ignore=only_code)
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def lint(folder: Path) -> tuple[int, str]:
    """Exit code, and all that was said; wide enough for nothing to be wrapped."""
    path = os.pathsep.join((str(folder / "src"), str(folder)))
    ran = subprocess.run(
        [str(LINT), "--config", ".importlinter"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_the_code_keeps_its_contracts(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said


@pytest.mark.parametrize("planted", VIOLATIONS, ids=str)
def test_a_violation_is_caught(copy: Path, planted: Planted) -> None:
    module = copy / "src" / "roadbed" / planted.module
    before = module.read_text() if module.exists() else None
    module.parent.mkdir(exist_ok=True)
    module.write_text(f"{before or ''}\n{planted.line}\n")
    try:
        code, said = lint(copy)
    finally:
        if before is None:
            module.unlink()
            if not any(module.parent.iterdir()):
                module.parent.rmdir()
        else:
            module.write_text(before)
    assert code == 1, said
    assert f"{planted.contract} BROKEN" in said
    assert planted.told in said.split("Broken contracts")[-1]
