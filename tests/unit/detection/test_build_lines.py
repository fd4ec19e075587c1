"""What builds a tree, of the lines that files of other platforms say."""

from __future__ import annotations

import pytest

from roadbed.detection.build_lines import migrations_apart, without_installing
from roadbed.detection.domain import Process
from roadbed.detection.tree import TreeOfTexts
from roadbed.workload.document import Place

SCRIPT = (
    "#!/usr/bin/env bash\nset -o errexit  # stop\n\npip install -r requirements.txt\n"
    "python manage.py collectstatic --no-input\npython manage.py migrate\n"
)


@pytest.mark.parametrize(
    ("line", "runs", "rest"),
    [
        ("pip install -r requirements.txt && npm run build", "", "npm run build"),
        ("pip install --upgrade pip && pip install -r requirements.txt", "", ""),
        ("pip install -r requirements.txt gunicorn", "", "pip install -r requirements.txt gunicorn"),
        (
            "pip install -r backend/requirements.txt",
            "uvicorn backend.main:app",
            "pip install -r backend/requirements.txt",
        ),
        ("pip install -r backend/requirements.txt", "cd backend && exec uvicorn main:app", ""),
        ("pip install -r requirements-prod.txt", "", "pip install -r requirements-prod.txt"),
        ("npm --prefix server ci", "npm --prefix server start", ""),
        ("npm --prefix server ci", "node server/i.js", "npm --prefix server ci"),
        ("cd Server && npm install && npm run build", "", "cd Server && npm run build"),
        ("cd web && npm ci", "cd web && npm start", ""),
        ("cd web && npm ci", "node web/a.js", "cd web && npm ci"),
    ],
)
def test_what_is_installed_anyway_is_left_out(line: str, runs: str, rest: str) -> None:
    assert without_installing(line, runs) == rest


def _apart(build: str, script: str, folder: str = ".") -> Process:
    process = Process("web", Place("render.yaml", 4, 1), "gunicorn a", build=build, folder=folder)
    tree = TreeOfTexts({"build.sh": script, "api/build.sh": script, "tool": "#!/usr/bin/env python3\nimport os\n"})
    return migrations_apart(tree, {"web": process})[0]["web"]


@pytest.mark.parametrize("build", ["./build.sh", "bash build.sh", "sh -e ./build.sh"])
def test_a_script_that_lists_commands_is_read_like_a_line(build: str) -> None:
    found = _apart(build, SCRIPT)
    assert found.build == "pip install -r requirements.txt && python manage.py collectstatic --no-input"
    assert found.release == "python manage.py migrate"
    assert _apart("./build.sh", SCRIPT, "api").release == "python manage.py migrate"


@pytest.mark.parametrize(
    "line", ['if [ "$X" ]; then make; fi', "export A=1", "make $(nproc)", "a | b", "cat <<E", "a \\"]
)
def test_a_script_that_decides_something_is_run_as_it_is(line: str) -> None:
    assert _apart("./build.sh", f"{SCRIPT}{line}\n").build == "./build.sh"
    assert _apart("./tool", SCRIPT).build == "./tool"
