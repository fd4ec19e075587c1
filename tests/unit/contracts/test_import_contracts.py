"""The rules of who may import whom hold, and each violation that is planted in a copy of the code is caught."""

from __future__ import annotations

import os
import re
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
    """`line` is added to `module`; `contract` breaks, and what is said of it names both ends of the import."""

    module: str
    line: str
    contract: str

    def __str__(self) -> str:
        return f"{self.module}: {self.line}"

    @property
    def told(self) -> re.Pattern[str]:
        source = "roadbed." + self.module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return re.compile(".* ".join(re.escape(end) for end in (source, *self.line.split()[1:2])))


ACTUATORS = "Only a provider or a runtime's controller changes the world"
TIERS = "Capabilities stand in tiers"
PRIVATE = "repository, tables, reconcile and controller are private to their capability"
INSIDE = "Inside a capability: routes, controller and provider over service over repository over domain"
PURE = "Domain, reconcile, planning and the SDK are pure"
CLIENT = "The CLI is a client of the API"

VIOLATIONS = (
    Planted("delivery/service.py", "from roadbed.gateway.service import Gateway", ACTUATORS),
    Planted("delivery/service.py", "from roadbed.gateway.traefik import driver", ACTUATORS),
    Planted("delivery/deployment/handler.py", "import roadbed.runtimes.drivers.process.driver", ACTUATORS),
    Planted("delivery/planning.py", "import roadbed.runtimes.declarations", ACTUATORS),
    Planted("engine/service.py", "import roadbed.providers.postgres.server", ACTUATORS),
    Planted("portal/visit.py", "import roadbed.gateway.service", ACTUATORS),
    Planted("golden_paths/service.py", "import roadbed.catalog.repository", PRIVATE),
    Planted("delivery/views.py", "import roadbed.runtimes.tables", PRIVATE),
    Planted("delivery/domain.py", "import sqlalchemy", PURE),
    Planted("runtimes/reconcile.py", "import subprocess", PURE),
    Planted("engine/planning/facts.py", "import roadbed.storage.call", PURE),
    Planted("workload/score.py", "import roadbed.storage.database", PURE),
    Planted("cli/apps_helper.py", "import roadbed.delivery.service", CLIENT),
    Planted("client/transport.py", "import pydantic", CLIENT),
    Planted("catalog/domain.py", "import roadbed.delivery.views", TIERS),
    Planted("kit/names.py", "import roadbed.storage.call", TIERS),
    Planted("api/app.py", "import roadbed.portal.app", TIERS),
    Planted("catalog/repository.py", "import roadbed.catalog.service", INSIDE),
    Planted("brand_new/__init__.py", "", TIERS),
)


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


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code and its contracts, apart from those that run."""
    folder = tmp_path_factory.mktemp("contracts")
    only_code = shutil.ignore_patterns("__pycache__", "node_modules", "assets", "static", "starter")
    shutil.copytree(ROOT / "src" / "roadbed", folder / "src" / "roadbed", ignore=only_code)
    shutil.copytree(ROOT / "contracts", folder / "contracts", ignore=only_code)
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


@pytest.fixture(scope="module")
def said(copy: Path) -> str:
    """What is said of the code with all that is planted in it: one look at the code takes as long as at each alone."""
    code, clean = lint(copy)
    assert code == 0, clean
    for planted in VIOLATIONS:
        module = copy / "src" / "roadbed" / planted.module
        module.parent.mkdir(exist_ok=True)
        with module.open("a") as file:
            file.write(f"\n{planted.line}\n")
    code, said = lint(copy)
    assert code == 1, said
    return said


@pytest.mark.parametrize("planted", VIOLATIONS, ids=str)
def test_a_violation_is_caught(said: str, planted: Planted) -> None:
    assert f"{planted.contract} BROKEN" in said
    _, _, broken = said.partition("Broken contracts")
    _, _, after = broken.partition(f"\n{planted.contract}\n")
    about, _, _ = after.lstrip("-\n").partition("\n---")
    assert planted.told.search(about), about
