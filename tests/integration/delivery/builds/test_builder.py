"""Real builds: layers, artifacts, what is shared, what fails."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from builds_bench import Bench, in_artifact
from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.errors import BuildFailed
from roadbed.delivery.builds.machine import this_machine
from roadbed.delivery.builds.recipes.choose import Wishes
from roadbed.delivery.builds.watching import Ceiling
from roadbed.sandbox import detect
from roadbed.sandbox.domain import Sandbox
from roadbed.sandbox.run import run

PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["h11"]\n'


@pytest.fixture
def bench(home: Path) -> Bench:
    return Bench(home, this_machine())


async def test_an_artifact_runs_with_its_dependencies(bench: Bench) -> None:
    main = "import h11; print(h11.__name__, __file__)"
    folder = await bench.build({"pyproject.toml": PROJECT, "app/__main__.py": main})
    done = await in_artifact(folder, "python", "-m", "app")
    assert (done.code, done.stdout.decode(), done.stderr) == (0, "h11 /app/app/__main__.py\n", b"")
    assert list((folder / "app/app/__pycache__").glob("*.pyc"))
    assert "[3/5] Installing them" in bench.said
    artifact = json.loads((folder / "artifact.json").read_text())
    assert artifact["digest"] == folder.name
    assert artifact["mounts"][0] == {"source": str(folder / "app"), "target": "/app"}


async def test_scripts_of_dependencies_find_their_interpreter(bench: Bench) -> None:
    folder = await bench.build({"requirements.txt": "markdown-it-py==4.0.0\n", "main.py": "print(1)"})
    done = await in_artifact(folder, "markdown-it", "--version")
    assert done.stdout.decode().strip().startswith("markdown-it-py"), done


async def test_a_change_of_code_installs_nothing(bench: Bench) -> None:
    first = await bench.build({"pyproject.toml": PROJECT, "main.py": "print(1)"})
    bench.said.clear()
    second = await bench.build({"pyproject.toml": PROJECT + "[tool.ruff]\n", "main.py": "print(2)"})
    assert first != second
    assert bench.said == ["[1/2] Laying out the source tree", "[2/2] Compiling"]
    assert len(list((bench.builder.folder / "layers").iterdir())) == 1


async def test_a_lock_file_is_followed(bench: Bench) -> None:
    lock = (
        'version = 1\nrequires-python = ">=3.11"\n'
        '[[package]]\nname = "app"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [{ name = "h11" }]\n'
        '[package.metadata]\nrequires-dist = [{ name = "h11" }]\n'
        '[[package]]\nname = "h11"\nversion = "0.14.0"\nsource = { registry = "https://pypi.org/simple" }\n'
        'sdist = { url = "https://files.pythonhosted.org/packages/f5/38/'
        '3af3d3633a34a3316095b39c8e8fb4853a28a536e55d347bd8d8e9a14b03/h11-0.14.0.tar.gz", '
        'hash = "sha256:8f19fbbe99e72420ff35c00b27a34cb9937e902a8b810e2c88300c6f0a3b699d", size = 100418 }\n'
        'wheels = [{ url = "https://files.pythonhosted.org/packages/95/04/'
        'ff642e65ad6b90db43e668d70ffb6736436c7ce41fcc549f4e9472234127/h11-0.14.0-py3-none-any.whl", '
        'hash = "sha256:e3fe4ac4b851c468cc8363d500db52c2ead036020723024a109d37346efaa761", size = 58259 }]\n'
    )
    main = "import h11; print(h11.__version__)"
    folder = await bench.build({"pyproject.toml": PROJECT, "uv.lock": lock, "main.py": main})
    done = await in_artifact(folder, "python", "main.py")
    assert done.stdout == b"0.14.0\n"


async def test_without_dependencies_there_is_still_an_environment(bench: Bench) -> None:
    folder = await bench.build({"server.py": "import sys; print(sys.prefix)"})
    done = await in_artifact(folder, "python", "server.py")
    assert done.stdout == b"/layers/python\n"


async def test_plain_files_are_an_artifact_of_their_own(bench: Bench) -> None:
    folder = await bench.build({"run.sh": "echo from $PWD\n"}, wishes=Wishes(runs=("sh", "run.sh")))
    done = await in_artifact(folder, "sh", "run.sh")
    assert done.stdout == b"from /app\n", done
    assert bench.said[0].startswith("nothing lists packages")


async def test_a_build_that_fails_says_why_and_leaves_nothing(bench: Bench) -> None:
    project = PROJECT.replace('"h11"', '"h11==0.0.0"')
    with pytest.raises(BuildFailed) as caught:
        await bench.build({"pyproject.toml": project, "main.py": ""})
    assert "Choosing versions for pyproject.toml: there is no lock file ended with code 1" in caught.value.message
    assert "h11==0.0.0" in caught.value.message
    assert list((bench.builder.folder / "layers").iterdir()) == []
    log = next((bench.builder.folder / "logs").iterdir()).read_text()
    assert "h11==0.0.0" in log


async def test_a_syntax_error_in_a_file_fails_no_build(bench: Bench) -> None:
    folder = await bench.build({"main.py": "print(1)", "old.py": "print 1"})
    assert (await in_artifact(folder, "python", "main.py")).stdout == b"1\n"


async def test_builds_of_the_same_at_once_are_made_once(bench: Bench, home: Path) -> None:
    files = {"pyproject.toml": PROJECT, "main.py": "print(1)"}
    other = Bench(home, bench.machine)
    folders = await asyncio.gather(bench.build(files), other.build(files), bench.build(files))
    assert len(set(folders)) == 1
    assert [line.endswith("Compiling") for line in (*bench.said, *other.said)].count(True) == 1


async def test_what_was_built_belongs_to_the_platform_and_its_files_are_read_only_for_others(bench: Bench) -> None:
    """Its folders are open to who runs from them, over them: they lie in one that the server keeps to itself."""
    folder = await bench.build({"main.py": "print(1)"})
    for entry in (*folder.rglob("*"), *(bench.builder.folder / "layers").rglob("*")):
        status = entry.lstat()
        assert status.st_uid == os.geteuid()
        assert entry.is_symlink() or entry.is_dir() or status.st_mode & 0o022 == 0
    assert [path.name for path in bench.builder.folder.glob(".making-*")] == []


def _fake_uv(home: Path, script: str) -> Machine:
    """A machine whose uv does something bad instead."""
    program = home / "uv"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return replace(this_machine(), uv=str(program))


@pytest.mark.parametrize(
    ("script", "timeout_s", "message"),
    [
        ("while :; do :; done", 0.3, "the build was ended: it took longer than 0.3 s"),
        ("sleep 1000 & sleep 1000", 0.3, "the build was ended: it took longer than 0.3 s"),
        ("truncate -s 2G /layers/python/large", 60.0, "ended with code 153"),
        ("echo first; echo last >&2; exit 7", 60.0, "ended with code 7\n"),
        ("kill -9 $$", 60.0, "ended with code 137"),
    ],
    ids=["spins", "hangs", "fills the disk", "fails", "is killed"],
)
async def test_a_build_that_goes_wrong_is_ended_and_leaves_nothing(
    home: Path, script: str, timeout_s: float, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadbed.delivery.builds.recipes.python.VENV_TIMEOUT_S", timeout_s)
    bench = Bench(home, _fake_uv(home, script))
    with pytest.raises(BuildFailed) as caught:
        await bench.build({"main.py": ""})
    assert message in caught.value.message
    assert list((bench.builder.folder / "layers").iterdir()) == []


async def test_a_build_that_forks_for_ever_is_stopped(home: Path) -> None:
    bench = Bench(home, _fake_uv(home, "while :; do sleep 1000 & done"), ceiling=Ceiling(processes=200))
    with pytest.raises(BuildFailed, match="it had more than 200 processes at once"):
        await bench.build({"main.py": ""})


async def test_a_build_that_says_too_much_is_cut_short(home: Path) -> None:
    bench = Bench(home, _fake_uv(home, "yes x | head -n 30000; printf 'a\\033[31mb\\n'; exit 1"))
    with pytest.raises(BuildFailed) as caught:
        await bench.build({"main.py": ""})
    assert caught.value.message.endswith("\n  ab")
    assert len(bench.said) == 20_000


@pytest.mark.skipif("node" not in this_machine().tools, reason="needs Node")
@pytest.mark.slow
async def test_where_nothing_can_be_mounted_node_modules_are_linked(home: Path) -> None:
    bench = Bench(home, replace(this_machine(), sandboxed=False))
    folder = await bench.build({"package.json": '{"dependencies": {"ms": "2.1.3"}}', "index.js": ""})
    assert (folder / "app/node_modules/ms/package.json").is_file()


async def test_where_the_kernel_forbids_sandboxes_builds_work_all_the_same(home: Path) -> None:
    pythons = [python for python in (detect.host().python, "/usr/bin/python3") if _open_to_all(Path(python))]
    if not pythons or not _open_to_all(Path(this_machine().uv)):
        pytest.skip("the user as whom builds run can't reach Python or uv here")
    machine = replace(this_machine(), python=pythons[0], sandboxed=False)
    host = replace(detect.host(), bwrap=None, python=pythons[0])
    bench = Bench(home, machine, host)
    folder = await bench.build({"requirements.txt": "markdown-it-py==4.0.0\n", "main.py": "print(1)"})
    layer = Path(json.loads((folder / "artifact.json").read_text())["mounts"][1]["source"])
    done = await run(Sandbox(), [str(layer / "bin/markdown-it"), "--version"], timeout=60, host=host)
    assert done.stdout.startswith(b"markdown-it-py"), done


def _open_to_all(file: Path) -> bool:
    return file.exists() and all(folder.stat().st_mode & 0o005 == 0o005 for folder in file.resolve().parents)
