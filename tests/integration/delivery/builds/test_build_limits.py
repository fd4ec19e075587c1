"""Commands of a build, run for real: what they see, what they may use, what is left of them. Nothing is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from builds_bench import Bench, in_artifact, listing
from roadbed.delivery.builds.errors import BuildFailed
from roadbed.delivery.builds.machine import this_machine
from roadbed.delivery.builds.recipes.choose import Wishes
from roadbed.delivery.builds.watching import Ceiling
from roadbed.sandbox import detect


@pytest.fixture
def bench(home: Path) -> Bench:
    return Bench(home, this_machine())


def _commands(*lines: str, secrets: tuple[str, ...] = ()) -> Wishes:
    return Wishes("orders", commands=tuple(("sh", "-c", line) for line in lines), secrets=secrets)


async def test_what_commands_make_is_in_the_artifact_and_the_source_stays_as_it_was(bench: Bench) -> None:
    folder = await bench.build({"a.txt": "one"}, _commands("echo two >> a.txt", "mkdir out && cp a.txt out/b.txt"))
    assert (folder / "app/a.txt").read_text() == (folder / "app/out/b.txt").read_text() == "onetwo\n"
    assert [path.read_text() for path in bench.home.glob("sources/*/a.txt")] == ["one"]
    assert bench.said[0] == "[1/3] Laying out the source tree"
    assert bench.said[1] == "[2/3] Running echo two >> a.txt"
    assert bench.progress[-1] == (3, 3, None)
    done = await in_artifact(folder, "cat", "out/b.txt")
    assert done.stdout == b"onetwo\n"


async def test_secrets_are_seen_by_commands_and_by_nobody_else(bench: Bench) -> None:
    wishes = _commands('test ${#TOKEN} -eq 12 && echo "the token is $TOKEN" && exit 3', secrets=("TOKEN",))
    with pytest.raises(BuildFailed) as caught:
        await bench.build({"a.txt": ""}, wishes, {"TOKEN": "sesame-opens"})
    log = next((bench.builder.folder / "logs").iterdir()).read_text()
    for text in (caught.value.message, log, "\n".join(bench.said)):
        assert "the token is ••••••" in text
        assert "sesame" not in text
    kept = _commands("echo $TOKEN | wc -c > length", secrets=("TOKEN",))
    first = await bench.build({"a.txt": ""}, kept, {"TOKEN": "one"})
    assert "TOKEN" not in (first / "artifact.json").read_text()
    assert await bench.build({"a.txt": ""}, kept, {"TOKEN": "another"}) == first


async def test_commands_have_no_network(bench: Bench) -> None:
    if detect.host().bwrap is None:
        pytest.skip("without sandboxes the network can't be kept away")
    with pytest.raises(BuildFailed) as caught:
        await bench.build({"a.txt": ""}, _commands("test $(grep -c : /proc/net/dev) -gt 1"))
    assert caught.value.hint is not None
    assert "commands of a build have no network" in caught.value.hint


_HOLDS = "import time; held = bytearray(40_000_000); time.sleep(60)"
_SMALL = Ceiling(memory_mb=100, processes=32, disk_mb=20)


@pytest.mark.parametrize(
    ("line", "message", "setting"),
    [
        (
            "while :; do head -c 4000000 /dev/zero > $(date +%N); done",
            "it wrote more than 20 MB to the disk",
            "ROADBED_BUILDS__DISK_MB",
        ),
        (
            f"for i in 1 2 3 4; do python3 -c '{_HOLDS}' & done; wait",
            "its processes held more than 100 MB of memory together",
            "ROADBED_BUILDS__MEMORY_MB",
        ),
        (
            "for i in $(seq 100); do (sleep 60 &) ; done; sleep 60",
            "it had more than 32 processes at once",
            "ROADBED_BUILDS__PROCESSES",
        ),
        ("yes", "it wrote more than 1 MB to its log", "let it say less"),
    ],
    ids=["fills the disk", "many that take memory", "starts too many, and leaves them", "floods its log"],
)
async def test_what_goes_over_a_limit_is_ended_with_a_sentence(
    home: Path, line: str, message: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadbed.delivery.builds.limits.LOG_BYTES", 1_000_000)
    monkeypatch.setattr("roadbed.delivery.builds.watching._LOOK_S", 0.05)
    bench = Bench(home, this_machine(), ceiling=_SMALL)
    with pytest.raises(BuildFailed) as caught:
        await bench.build({"a.txt": ""}, _commands(line))
    assert message in caught.value.message
    assert setting in str(caught.value.hint)
    assert not [path for path in bench.builder.folder.iterdir() if (path / "artifact.json").exists()]
    assert list(bench.builder.folder.glob(".making-*")) == []


async def test_a_language_that_nothing_names_is_said_to_be_missing(bench: Bench) -> None:
    with pytest.raises(BuildFailed) as caught:
        await bench.build({"x.sh": "python made.py"}, _commands("sh x.sh"))
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("python is there for a tree of its language, or where a command")


async def test_memory_that_processes_share_counts_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roadbed.delivery.builds.watching._LOOK_S", 0.05)
    forks = "import os, time; held = b'x' * 60_000_000; [os.fork() for _ in range(2)]; time.sleep(0.5)"
    bench = Bench(home, this_machine(), ceiling=_SMALL)
    folder = await bench.build({"a.txt": ""}, _commands(f'python3 -c "{forks}"'))
    assert (folder / "artifact.json").is_file()


async def test_a_command_that_nobody_asked_for_may_fail(bench: Bench) -> None:
    django = {"manage.py": "raise SystemExit('no SECRET_KEY')", "shop/settings.py": "STATIC_ROOT = 'static'"}
    folder = await bench.build(django)
    assert (folder / "artifact.json").is_file()
    assert "no SECRET_KEY" in bench.said
    assert "nobody asked for this command, so the build goes on without it" in "\n".join(bench.said)


async def test_what_commands_leave_behind_can_be_read_by_all_and_is_no_device_or_pipe(bench: Bench) -> None:
    lines = (
        "mkdir -m 700 closed && echo x > closed/file && chmod 400 closed/file",
        "mkfifo pipe",
        "ln -s /etc/passwd out",
    )
    folder = await bench.build({"a.txt": ""}, _commands(*lines))
    # For all to write to: who runs from it does so in a layer over it. The folder above keeps everybody else out.
    assert (folder / "app/closed").stat().st_mode & 0o777 == 0o777
    assert (folder / "app/closed/file").stat().st_mode & 0o044 == 0o044
    assert not (folder / "app/pipe").exists()


@pytest.mark.slow
async def test_commands_with_a_network_add_to_what_is_installed(bench: Bench) -> None:
    files = {"requirements.txt": "h11==0.14.0\n", "main.py": "import h11, sniffio; print(h11.__version__)"}
    script = "set -e\npip install --upgrade pip\npython -m pip install -r requirements.txt\npoetry run python -V\n"
    same = Wishes(commands=(("sh", "build.sh"),), network=True)
    folder = await bench.build({**files, "build.sh": script}, same)
    assert not (folder / "own").exists() or not any((folder / "own").iterdir())
    assert any("already installed" in line for line in bench.said)
    assert any("have the network" in line for line in bench.said)
    more = await bench.build({**files, "build.sh": f"{script}pip install sniffio\n"}, same)
    assert (await in_artifact(more, "python", "main.py")).stdout == b"0.14.0\n"


async def test_the_same_inputs_give_the_same_build_wherever_it_is_made(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir(mode=0o755)
    files = {"main.py": "print(1)", "lib/a.py": "x = 1", "run.sh": "#!/bin/sh\n"}
    wishes = _commands("python -c 'import lib.a; print(lib.a.x)' > out.txt")
    built = [await Bench(place, this_machine()).build(files, wishes) for place in (home, other)]
    assert built[0].name == built[1].name
    listings = [(listing(folder / "app"), listing(folder.parent / "layers")) for folder in built]
    assert listings[0] == listings[1]
    assert "out.txt" in listings[0][0]
