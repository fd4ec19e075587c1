"""Whole programs, run alone in the sandbox: what they declare, and what each thing that goes wrong says."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roadbed.engine.planning import graph
from roadbed.kit.errors import InvalidInput
from roadbed.platform import host as host_module
from roadbed.platform.host import ProgramHost, Programs
from roadbed.platform.repo import PlatformRepo
from roadbed.sandbox import detect
from roadbed.sandbox.domain import Limits

REQUEST = {
    "stack": "orders@dev",
    "environment": "dev",
    "environment_kind": "development",
    "owner": "group:default/payments",
}
isolated = pytest.mark.skipif(not detect.isolation().sandbox, reason="this machine forbids sandboxes")


@pytest.fixture
def tree(home: Path) -> Path:
    folder = home / "sources" / "tree"
    folder.mkdir(parents=True)
    return folder


async def declare(tree: Path, program: str, *, timeout_s: float = 15.0) -> dict[str, Any]:
    (tree / "roadbed.py").write_text(program)
    host = ProgramHost(PlatformRepo(tree.parent.parent / "platform"), timeout_s=timeout_s)
    return dict(await host.declare(Programs(tree, "", "roadbed.py", program), REQUEST))


async def test_a_program_declares_a_graph(tree: Path) -> None:
    (tree / "names.py").write_text("from roadbed.sdk import context\nHOST = f'{context.environment}.example'\n")
    document = await declare(
        tree,
        "import json, names\n"
        "from roadbed.sdk import Component, Resource, export, context\n"
        "from roadbed.sdk.types import postgres\n"
        "with Component('acme:Data', 'data') as data:\n"
        "    db = postgres.Database('db', protect=context.kind == 'production')\n"
        "    data.outputs(url=f'postgres://{db.host}/{db.name}')\n"
        "export('url', data.url)\n"
        "export('host', names.HOST)\n"
        "print('declared', db.host)\n",
    )
    read = graph.read(document)
    assert [node.urn for node in read.nodes] == ["orders@dev/data/db#postgres:Database", "orders@dev/data#acme:Data"]
    assert document["resources"][1]["source"] == {"file": "roadbed.py", "line": 5}
    assert document["exports"]["host"] == "dev.example"
    assert document["export_sources"] == {
        "url": {"file": "roadbed.py", "line": 7},
        "host": {"file": "roadbed.py", "line": 8},
    }


async def test_a_thousand_resources_a_second_and_more_fit_into_an_answer(tree: Path) -> None:
    program = (
        "from roadbed.sdk import Resource\nfor i in range(20_000):\n    Resource('x:T', f'r{i}', size='x' * 1000)\n"
    )
    assert len((await declare(tree, program))["resources"]) == 20_000


HEAD = "from roadbed.sdk import *\nfrom roadbed.sdk.types import postgres\ndb = postgres.Database('db')\n"
WRONG: list[tuple[str, str, str, int | None]] = [
    ("raises", "1 / 0", "ZeroDivisionError", 4),
    ("does not parse", "def (", "SyntaxError", 4),
    ("does not import", "import numpy", "No module named 'numpy'", 4),
    ("declares twice", "postgres.Database('db')", "is declared twice", 4),
    ("changes case", "Resource('x:T', 't', host=f'{db.host}'.upper())", "cut, changed or encoded", 4),
    ("asks for a method", "db.host.upper()", "can't be asked for .upper", 4),
    ("encodes", "import base64\nbase64.b64encode(f'{db.host}'.encode())", "a reference can't be encoded", 5),
    ("dumps", "import json\njson.dumps({'host': db.host})", "Reference is not JSON serializable", 5),
    ("writes to a file", "open('/tmp/x', 'w').write(f'{db.host}')", "a reference can't be encoded", 4),
    ("branches", "if db.port == 5432:\n    pass", "can't be compared", 4),
    ("recurses", "def f(): f()\nf()", "RecursionError", 4),
    ("exits", "import sys\nsys.exit(0)", "the program ended itself: sys.exit(0)", 5),
    ("is interrupted", "raise KeyboardInterrupt", "KeyboardInterrupt", 4),
    ("ends its process", "import os\nos._exit(0)", "roadbed.py ended the process before it had answered", None),
    ("is killed", "import os\nos.kill(os.getpid(), 9)", "roadbed.py ended with code 137", None),
    ("eats memory", "x = [bytearray(2**26) for _ in range(100)]", "used more memory than it may", 4),
    ("a 200 MB property", "Resource('x:T', 't', size='x' * 200_000_000)", "larger than 1 MB", 4),
    ("prints gigabytes", "while True: print('x' * 100_000)", "the program printed more than 1 MB", 4),
    (
        "declares without end",
        "for i in range(10**9): Resource('x:T', f'r{i}', size='x' * 999_000)",
        "used more memory than it may",
        4,
    ),
    (
        "declares small ones without end",
        "for i in range(10**9): Resource('x:T', f'r{i}', x='x' * 5000)",
        "used more memory",
        4,
    ),
    ("holds a NUL", "x = '\0'", "the source holds a NUL character", 4),
    (
        "says nothing of its error",
        "class Mute(Exception):\n    def __str__(self): raise ValueError('x')\nraise Mute",
        "Mute",
        6,
    ),
    ("spoils its answer", "import os\nos.write(3, b'{}')", "what roadbed.py answered can't be read", None),
    ("reads /etc/shadow", "open('/etc/shadow').read()", "No such file or directory: '/etc/shadow'", 4),
    ("writes beside itself", "open(__file__, 'w')", "Read-only file system", 4),
    ("opens the network", "import socket\nsocket.create_connection(('1.1.1.1', 53), 1)", "unreachable", 5),
]


@isolated
@pytest.mark.parametrize(("name", "body", "message", "line"), WRONG, ids=[one[0] for one in WRONG])
async def test_what_goes_wrong_is_said_with_its_line(
    tree: Path, name: str, body: str, message: str, line: int | None
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await declare(tree, f"{HEAD}{body}\n")
    problem = caught.value.problem
    assert message in problem.message
    assert (problem.file, problem.line) == (("roadbed.py", line) if line else (None, None))
    assert problem.hint


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time\ntime.sleep(60)",
        "while True:\n    try:\n        while True: pass\n    except Exception: pass",
    ],
)
async def test_a_program_that_does_not_end_is_stopped_at_its_line(tree: Path, body: str) -> None:
    with pytest.raises(InvalidInput, match=r"roadbed\.py:\d+: the program did not end within 0\.5 s"):
        await declare(tree, body, timeout_s=0.5)


async def test_a_program_that_cannot_be_stopped_is_ended(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "_GRACE_S", 0.5)
    program = "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass\n"
    with pytest.raises(InvalidInput, match=r"^roadbed\.py did not end within 0\.5 s"):
        await declare(tree, program, timeout_s=0.5)


@isolated
async def test_a_program_that_uses_up_its_processor_time_is_ended(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "LIMITS", replace(host_module.LIMITS, cpu_seconds=1))
    with pytest.raises(InvalidInput, match=r"^roadbed\.py ended with code"):
        await declare(tree, "while True: pass\n")


@pytest.mark.parametrize("descriptor", [1, 2])
async def test_what_is_written_past_python_ends_in_the_log(tree: Path, descriptor: int) -> None:
    body = f"import os\nfor _ in range(50): os.write({descriptor}, b'x' * 2**20)\n"
    assert (await declare(tree, body))["resources"] == []


ENDLESS = [
    "import os\nwhile True:\n    os.write(2, b'x' * 2**20)\n",
    "import sys\nwhile True:\n    sys.__stderr__.write('x' * 1000)\n",
    "while True:\n    open('/tmp/x', 'w').write('x' * 2**20)\n",
]


@pytest.mark.parametrize("body", ENDLESS)
async def test_what_writes_past_python_without_end_is_stopped_at_its_line(tree: Path, body: str) -> None:
    with pytest.raises(InvalidInput, match="the program wrote more than 64 MB") as caught:
        await declare(tree, body)
    assert caught.value.problem.file == "roadbed.py"
    assert caught.value.problem.line in (2, 3)


async def test_a_flood_that_ends_in_time_is_one_too(tree: Path) -> None:
    with pytest.raises(InvalidInput, match="the program wrote more than 64 MB"):
        await declare(tree, "import os\nleft = 70 * 2**20\nwhile left: left -= os.write(2, bytes(min(left, 2**20)))\n")


FLOODS = [
    "import subprocess\nsubprocess.run(['/bin/cat', '/dev/zero'])\n",
    "import os\nwhile True:\n    try:\n        while True: os.write(1, b'x' * 2**20)\n    except: pass\n",
]


@isolated
@pytest.mark.parametrize("program", FLOODS)
async def test_what_cannot_be_stopped_at_its_line_is_ended_when_it_floods(tree: Path, program: str) -> None:
    with pytest.raises(InvalidInput, match=r"roadbed\.py wrote more than 512 MB, and was ended"):
        await declare(tree, program)


async def test_a_larger_answer_than_is_allowed_is_refused(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "MAX_ANSWER", 1024 * 1024)
    program = "from roadbed.sdk import Resource\nfor i in range(2000):\n    Resource('x:T', f'r{i}', size='x' * 1000)\n"
    with pytest.raises(InvalidInput, match=r"roadbed\.py declared more than 1 MB"):
        await declare(tree, program)


async def test_forks_and_threads_left_behind_answer_nothing(tree: Path) -> None:
    program = (
        "import os, threading, time\n"
        "from roadbed.sdk import Resource\n"
        "for _ in range(3): os.fork()\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "Resource('x:T', 't')\n"
    )
    assert len((await declare(tree, program))["resources"]) == 1


@isolated
async def test_a_fork_bomb_runs_out_of_processes(tree: Path) -> None:
    with pytest.raises(InvalidInput, match="Resource temporarily unavailable") as caught:
        await declare(tree, "import os\nwhile True:\n    os.fork()\n")
    assert (caught.value.problem.file, caught.value.problem.line) == ("roadbed.py", 3)


@isolated
async def test_a_program_sees_nothing_of_the_platform(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROADBED_SECRET", "hidden")
    (tree.parent.parent / "secret.key").write_text("hidden")
    program = (
        "import os\nfrom roadbed.sdk import export\n"
        f"export('home', os.path.exists({str(tree.parent.parent)!r}))\n"
        "export('variables', sorted(os.environ))\n"
        "export('root', os.getuid() == 0)\n"
    )
    assert (await declare(tree, program))["exports"] == {"home": False, "variables": ["LC_ALL"], "root": False}


async def test_a_program_hands_back_its_own_stack_only(tree: Path) -> None:
    program = "from roadbed.sdk.program import current\ncurrent('x').stack = 'other@prod'\n"
    with pytest.raises(InvalidInput, match="another stack"):
        await declare(tree, program)


async def test_without_a_program_there_is_nothing_to_run(tree: Path) -> None:
    host = ProgramHost(PlatformRepo(tree.parent.parent / "platform"))
    shutil.rmtree(tree)
    tree.mkdir()
    with pytest.raises(InvalidInput, match=r"there is no roadbed\.py in modules/network"):
        await host.declare(Programs(tree, "modules/network", "the program", "1"), REQUEST)


def test_limits_are_what_the_guide_says() -> None:
    assert Limits(memory_mb=512, cpu_seconds=20, processes=128, file_size_mb=16, open_files=256) == host_module.LIMITS
    assert (host_module.TIMEOUT_S, host_module.MAX_ANSWER) == (15, 64 * 1024 * 1024)
