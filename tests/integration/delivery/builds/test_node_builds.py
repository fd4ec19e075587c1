"""Node, and the managers beside npm and uv: real packages, by the lock that each wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builds_bench import Bench, in_artifact
from roadbed.delivery.builds.machine import this_machine
from roadbed.delivery.builds.recipes.choose import Wishes

pytestmark = pytest.mark.skipif("node" not in this_machine().tools, reason="needs Node")

PACKAGE = json.dumps(
    {
        "name": "x",
        "version": "1.0.0",
        "scripts": {"build": "node build.js", "start": "node index.js"},
        "dependencies": {"ms": "2.1.3"},
        "devDependencies": {"picocolors": "1.1.1"},
    }
)
FILES = {
    "package.json": PACKAGE,
    "index.js": "console.log(require('ms')('1d'))",
    "build.js": "require('picocolors'); const f = require('fs'); f.mkdirSync('dist'); f.writeFileSync('dist/a', 'b')",
}
YARN = """# yarn lockfile v1


ms@2.1.3:
  version "2.1.3"
  resolved "https://registry.yarnpkg.com/ms/-/ms-2.1.3.tgz#574c8138ce1d2b5861f0b44579dbadd60c6615b2"
  integrity sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==

picocolors@1.1.1:
  version "1.1.1"
  resolved "https://registry.yarnpkg.com/picocolors/-/picocolors-1.1.1.tgz#3d321af3eab939b083c8f929a1d12cda81c26b6b"
  integrity sha512-xceH2snhtb5M9liqDsmEw56le376mTZkEX/jEb/RxNFyegNul7eNslCXP9FDj/Lcu0X8KEyMceP2ntpaHrDEVA==
"""
PNPM = """lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      ms:
        specifier: 2.1.3
        version: 2.1.3
    devDependencies:
      picocolors:
        specifier: 1.1.1
        version: 1.1.1

packages:

  ms@2.1.3:
    resolution: {integrity: sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==}

  picocolors@1.1.1:
    resolution: {integrity: sha512-xceH2snhtb5M9liqDsmEw56le376mTZkEX/jEb/RxNFyegNul7eNslCXP9FDj/Lcu0X8KEyMceP2ntpaHrDEVA==}

snapshots:

  ms@2.1.3: {}

  picocolors@1.1.1: {}
"""  # noqa: E501
PIPFILE_LOCK = json.dumps(
    {
        "_meta": {"sources": [{"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": True}]},
        "default": {
            "h11": {
                "hashes": [
                    "sha256:8f19fbbe99e72420ff35c00b27a34cb9937e902a8b810e2c88300c6f0a3b699d",
                    "sha256:e3fe4ac4b851c468cc8363d500db52c2ead036020723024a109d37346efaa761",
                ],
                "markers": "python_version >= '3.7'",
                "version": "==0.14.0",
            }
        },
        "develop": {},
    }
)
POETRY = """[tool.poetry]
name="a"
version="1"
description=""
authors=[]
package-mode=false
[tool.poetry.dependencies]
python="^3.11"
h11="0.14.0"
[tool.poetry.group.dev.dependencies]
pytest="*"
"""
POETRY_LOCK = """[[package]]
name = "h11"
version = "0.14.0"
description = "x"
optional = false
python-versions = ">=3.7"
groups = ["main"]
files = [
    {file = "h11-0.14.0-py3-none-any.whl", hash = "sha256:e3fe4ac4b851c468cc8363d500db52c2ead036020723024a109d37346efaa761"},
    {file = "h11-0.14.0.tar.gz", hash = "sha256:8f19fbbe99e72420ff35c00b27a34cb9937e902a8b810e2c88300c6f0a3b699d"},
]

[metadata]
lock-version = "2.1"
python-versions = "^3.11"
content-hash = "b83482ca81feeefd6643df0a2c7866b55319dede2b1fdf56e910f4899b249d52"
"""  # noqa: E501


@pytest.fixture
def bench(home: Path) -> Bench:
    return Bench(home, this_machine())


@pytest.mark.slow
async def test_node_modules_are_a_layer_that_commands_and_replicas_find(bench: Bench) -> None:
    folder = await bench.build(FILES)
    assert (folder / "app/dist/a").read_text() == "b"
    assert list((folder / "app/node_modules").iterdir()) == []
    assert (await in_artifact(folder, "npm", "start")).stdout.endswith(b"86400000\n")
    bench.said.clear()
    again = await bench.build({**FILES, "index.js": "console.log(2)"})
    assert again != folder
    assert not [line for line in bench.said if "nstalling" in line]
    assert "there is no package-lock.json" in bench.said[0]


@pytest.mark.slow
async def test_what_a_command_writes_into_node_modules_stays_in_its_artifact(bench: Bench) -> None:
    build = "require('fs').writeFileSync('node_modules/ms/index.js', 'module.exports = () => 7')"
    folder = await bench.build({**FILES, "build.js": build})
    assert (await in_artifact(folder, "node", "index.js")).stdout == b"7\n"
    plain = await bench.build({**FILES, "build.js": ""})
    assert (await in_artifact(plain, "node", "index.js")).stdout == b"86400000\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lock", "content", "program"),
    [("yarn.lock", YARN, "yarn"), ("pnpm-lock.yaml", PNPM, "pnpm")],
)
async def test_other_managers_install_by_their_locks_and_come_along(
    bench: Bench, lock: str, content: str, program: str
) -> None:
    folder = await bench.build({**FILES, lock: content})
    assert (folder / "app/dist/a").read_text() == "b"
    assert b"86400000" in (await in_artifact(folder, program, "start")).stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "files",
    [
        {"Pipfile": "[packages]\nh11 = '*'\n", "Pipfile.lock": PIPFILE_LOCK},
        {"pyproject.toml": POETRY, "poetry.lock": POETRY_LOCK},
        {"pyproject.toml": POETRY},
        {"setup.py": "from setuptools import setup\nsetup(name='x', version='1', install_requires=['h11==0.14.0'])\n"},
    ],
    ids=["pipenv", "poetry", "poetry without a lock", "setuptools"],
)
async def test_other_managers_of_python_install_what_they_locked(bench: Bench, files: dict[str, str]) -> None:
    folder = await bench.build({**files, "main.py": "import h11; print(h11.__version__)"})
    assert (await in_artifact(folder, "python", "main.py")).stdout == b"0.14.0\n"


@pytest.mark.slow
async def test_static_files_are_served_by_a_server_of_the_artifacts_own(bench: Bench) -> None:
    pages = {"site/index.html": "<h1>", "site/.secret": "x", "site/404.html": "lost", "site/a b.css": "body{}"}
    script = (
        "roadbed-static site & for n in $(seq 100); do"
        " curl -s http://127.0.0.1:8123/ >/dev/null && break; sleep 0.1; done;"
        " for path in '' a%20b.css .secret ../server.py nope site/; do"
        " curl -s --path-as-is -o /dev/null -w '%{http_code} %{content_type}\\n' \"http://127.0.0.1:8123/$path\"; done;"
        " curl -s http://127.0.0.1:8123/nope; kill %1"
    )
    folder = await bench.build({**pages, "run.sh": script}, Wishes(runs=("roadbed-static", ".")))
    done = await in_artifact(folder, "env", "PORT=8123", "HOST=127.0.0.1", "bash", "/app/run.sh")
    assert done.stdout.decode().splitlines() == [
        '200 text/html; charset="utf-8"',
        '200 text/css; charset="utf-8"',
        *['404 text/html; charset="utf-8"'] * 4,
        "lost",
    ]


@pytest.mark.slow
async def test_what_speaks_to_a_platform_is_no_page_of_a_source_tree_that_is_served(bench: Bench) -> None:
    score = "apiVersion: score.dev/v1b1\n"
    files = {"index.html": "<h1>", "a.yaml": "a", "Procfile": "web: x", "compose.yaml": "", "score/web.yaml": score}
    script = (
        "roadbed-static . & for n in $(seq 100); do"
        " curl -s http://127.0.0.1:8123/ >/dev/null && break; sleep 0.1; done;"
        " for path in '' a.yaml Procfile compose.yaml score/web.yaml roadbed.yaml; do"
        " curl -s -o /dev/null -w '%{http_code} ' \"http://127.0.0.1:8123/$path\"; done; kill %1"
    )
    folder = await bench.build({**files, "roadbed.yaml": "apiVersion: roadbed.dev/v1\n", "run.sh": script})
    done = await in_artifact(folder, "env", "PORT=8123", "HOST=127.0.0.1", "bash", "/app/run.sh")
    assert done.stdout.decode().split() == ["200", "200", "404", "404", "404", "404"]
    assert not (folder / "app/roadbed.yaml").exists()
