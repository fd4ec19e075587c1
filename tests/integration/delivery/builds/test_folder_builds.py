"""Packages that folders below the root list: installed where a command goes to them, and found by what runs there."""

from __future__ import annotations

from pathlib import Path

import pytest

from builds_bench import Bench, in_artifact
from roadbed.delivery.builds.machine import this_machine
from roadbed.delivery.builds.recipes.choose import Wishes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("node" not in this_machine().tools, reason="needs Node"),
]

FILES = {
    "backend/requirements.txt": "h11==0.14.0\n",
    "backend/main.py": "import h11, words; print(h11.__version__, words.SAID)",
    "backend/words.py": "SAID = 'hello'",
    "frontend/package.json": '{"scripts": {"build": "node build.js"}, "dependencies": {"ms": "2.1.3"}}',
    "frontend/build.js": "require('fs').writeFileSync('built', String(require('ms')('1h')))",
    "frontend/index.js": "console.log(require('ms')('1d'), require('fs').readFileSync('built', 'utf8'))",
}


@pytest.fixture
def bench(home: Path) -> Bench:
    return Bench(home, this_machine())


async def test_a_backend_and_a_frontend_are_one_build(bench: Bench) -> None:
    backend, frontend = "cd backend && exec python main.py", "cd frontend && exec node index.js"
    build = ("sh", "-c", "cd frontend && npm run build")
    folder = await bench.build(FILES, Wishes(commands=(build,), runs=("sh", "-c", backend, frontend)))
    assert (await in_artifact(folder, "sh", "-c", backend)).stdout == b"0.14.0 hello\n"
    assert (await in_artifact(folder, "sh", "-c", frontend)).stdout == b"86400000 3600000\n"
    assert not any((folder / "app" / "frontend" / "node_modules").iterdir())
