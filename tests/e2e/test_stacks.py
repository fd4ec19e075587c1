"""A module of the platform repo through its life by the real command: plan, apply, drift, history, destroy, and what
goes wrong on the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from live_platform import Done, LivePlatform, StartPlatform

pytestmark = pytest.mark.slow

STACK = "network@dev"
PROGRAM = """\
from roadbed.sdk import Component, Resource, context, export

zone = Resource("core:Data", "zone", input=f"{context.environment}.example.com")
hosts = Resource("file:File", "hosts", path="network/hosts", content=f"gateway.{zone.output}\\n")
export("hosts_file", hosts.path)
"""


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Iterator[LivePlatform]:
    platform = start_platform()
    yield platform
    assert "Traceback" not in platform.log


def program(platform: LivePlatform, text: str = PROGRAM, module: str = "network") -> Path:
    folder = platform.home / "platform" / "modules" / module
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "roadbed.py").write_text(text)
    return folder / "roadbed.py"


@pytest.fixture
def network(platform: LivePlatform) -> Iterator[Path]:
    """The file that the module writes, applied; its stack is gone afterwards."""
    program(platform)
    platform.roadbed("apply", STACK, "--yes")
    yield Path(platform.roadbed("stack", "outputs", STACK, "hosts_file").stdout.strip())
    program(platform)
    platform.roadbed("destroy", STACK, "--yes")


def told(done: Done, code: int, *parts: str) -> None:
    """That it ended with `code` and said this, without anything for programmers."""
    assert done.code == code, done.stderr
    for part in parts:
        assert part in done.stderr, done.stderr
    for word in ("Traceback", "roadbed.kit", "bug in the roadbed"):
        assert word not in done.stderr + done.stdout


def actions(plan: Any) -> dict[str, int]:
    return {action: count for action, count in plan["summary"].items() if count}


def test_the_life_of_a_stack(platform: LivePlatform) -> None:
    life, text = "life@dev", PROGRAM.replace("network/hosts", "life/hosts")
    program(platform, text, "life")
    planned = platform.roadbed("plan", life)
    assert planned.stdout.startswith("Plan 1 of life@dev\n")
    assert "+ zone  core:Data  modules/life/roadbed.py:3" in planned.stdout
    assert "\n2 to create, 1 export to change.\n" in planned.stdout
    assert life not in [item["stack"] for item in platform.items("stack", "list") if item["resources"]]

    applied = platform.json("apply", life, "--plan", "1", "--yes")
    assert applied.items() >= {"stack": life, "plan": 1, "status": "succeeded"}.items()
    assert actions(applied) == {"create": 2}
    hosts = Path(platform.roadbed("stack", "outputs", life, "hosts_file").stdout.strip())
    assert hosts.read_text() == "gateway.dev.example.com\n"
    again = platform.roadbed("plan", life, "--refresh")
    assert again.stdout == "Nothing to change: 2 resources of life@dev as declared.\n"
    assert again.stderr == ""

    program(platform, text.replace("example.com", "example.org"), "life")
    changed = platform.roadbed("apply", life, "--yes")
    assert '"dev.example.com" → "dev.example.org"' in changed.stdout
    assert "life@dev is as plan" in changed.stdout
    assert hosts.read_text() == "gateway.dev.example.org\n"

    kinds = [item["action"] for item in platform.items("stack", "history", life)]
    assert kinds.count("apply") == 2
    shown = platform.roadbed("stack", "show", life).stdout
    assert "file:File" in shown
    assert str(hosts) in platform.roadbed("stack", "show", life, "hosts").stdout

    gone = platform.json("destroy", life, "--yes")
    assert actions(gone) == {"delete": 2}
    assert not hosts.exists()
    assert platform.roadbed("destroy", life, "--yes").stdout.startswith("Nothing to delete")


def test_drift_is_found_taken_back_and_accepted(platform: LivePlatform, network: Path) -> None:
    assert platform.roadbed("stack", "drift", STACK).stdout.startswith("network@dev is as the state says")
    network.write_text("somebody was here\n")
    report = platform.json("stack", "drift", STACK)
    assert (report["changed"], [item["name"] for item in report["items"]]) == (1, ["hosts"])
    assert "~ hosts  file:File" in platform.roadbed("stack", "drift", STACK, "--last").stdout

    platform.roadbed("apply", STACK, "--refresh", "--yes")
    assert network.read_text() == "gateway.dev.example.com\n"
    (row,) = [one for one in platform.json("stack", "list")["items"] if one["stack"] == STACK]
    assert row["drift"]["stale"], "what was found before says nothing of the stack as it is now"
    assert platform.json("stack", "drift", STACK)["changed"] == 0

    network.unlink()
    platform.roadbed("stack", "refresh", STACK)
    assert actions(platform.json("plan", STACK))["create"] == 1
    platform.roadbed("apply", STACK, "--yes")
    assert network.exists()


def test_parts_of_a_stack(platform: LivePlatform, network: Path) -> None:
    one = platform.json("plan", STACK, "--replace", "hosts", "--target", "hosts")
    assert [step["name"] for step in one["steps"]] == ["hosts"]
    assert one["steps"][0]["action"] == "replace"
    everything = platform.json("plan", STACK, "--detail")
    assert [step["action"] for step in everything["steps"]] == ["none", "none"]
    assert platform.json("plan", STACK)["steps"] == []


def test_a_state_is_kept_moved_and_forgotten(platform: LivePlatform, network: Path, tmp_path: Path) -> None:
    copy = tmp_path / "state.json"
    platform.roadbed("stack", "export", STACK, "--file", copy)
    assert platform.roadbed("stack", "export", STACK).json == json.loads(copy.read_text())

    moved = platform.json("stack", "move", STACK, "zone", "--to", "main/zone", "--yes")
    assert [item["urn"] for item in moved["items"]] == ["network@dev/main/zone#core:Data"]
    platform.roadbed("stack", "forget", STACK, "hosts", "--yes")
    assert [item["name"] for item in platform.json("stack", "show", STACK)["items"]] == ["zone"]
    assert network.exists()

    platform.roadbed("stack", "import", STACK, copy, "--replace", "--yes")
    assert platform.roadbed("plan", STACK).stdout.startswith("Nothing to change")


def test_a_stale_plan(platform: LivePlatform, network: Path) -> None:
    program(platform, PROGRAM.replace("example.com", "example.net"))
    old = platform.json("plan", STACK)["number"]
    platform.roadbed("apply", STACK, "--yes")
    told(platform.roadbed("apply", STACK, "--plan", str(old), "--yes", ok=False), 1, f"plan {old}", "→")
    states = {plan["number"]: plan["state"] for plan in platform.json("stack", "plans", STACK)["items"]}
    assert (states[old], states[old + 1]) == ("stale", "applied")


def test_what_can_be_declared(platform: LivePlatform) -> None:
    assert "postgres:Database" in platform.roadbed("types").stdout
    shown = platform.roadbed("types", "show", "postgres:Server").stdout
    assert "password=...," in shown
    told(platform.roadbed("types", "show", "postgres:Servr", ok=False), 4, "did you mean postgres:Server?")


def test_what_is_protected_is_kept(platform: LivePlatform, network: Path) -> None:
    program(platform, PROGRAM.replace('\\n")', '\\n", protect=True)'))
    platform.roadbed("apply", STACK, "--yes")
    refused = platform.roadbed("destroy", STACK, "--yes", ok=False)
    told(refused, 2, "protect", "modules/network/roadbed.py:4")
    assert network.exists()
    program(platform)
    platform.roadbed("apply", STACK, "--yes")


WRONG_WORDS = (
    ("plan netwrok@dev", 4, ("netwrok", "network")),
    ("plan network@mars", 4, ("there is no environment 'mars'", "dev")),
    ("plan network@dev --target nothing", 2, ("nothing",)),
    ("plan network@dev --replace zoen", 2, ("zoen", "zone")),
    ("apply network@dev --plan 99 --yes", 4, ("99",)),
    ("apply network", 2, ("owner@environment",)),
    ("destroy netwrok@dev --yes", 4, ("netwrok",)),
    ("stack show network@dev nothing", 4, ("nothing",)),
    ("stack move network@dev nothing --to other --yes", 2, ("nothing",)),
    ("stack forget network@dev nothing --yes", 2, ("nothing",)),
)


@pytest.mark.parametrize(
    ("words", "code", "says"), WRONG_WORDS, ids=lambda value: value if isinstance(value, str) else ""
)
@pytest.mark.usefixtures("network")
def test_wrong_words(platform: LivePlatform, words: str, code: int, says: tuple[str, ...]) -> None:
    told(platform.roadbed(*words.split(), ok=False), code, *says)
    machine = platform.roadbed(*words.split(), "-o", "json", ok=False)
    assert (machine.code, machine.stdout) == (code, "")


WRONG_PROGRAMS = {
    "a cycle": (
        "a = Resource('core:Data', 'first')\n"
        "from roadbed.sdk import Reference\n"
        "b = Resource('core:Data', 'second', input=Reference('broken@dev/third#core:Data', 'output'))\n"
        "c = Resource('core:Data', 'third', input=b.output)\n",
        ("second", "third", "modules/broken/roadbed.py:"),
    ),
    "a program that raises": ("raise ValueError('no luck')\n", ("no luck", "modules/broken/roadbed.py:2")),
    "two of one name": (
        "Resource('core:Data', 'twice')\nResource('core:Data', 'twice')\n",
        ("twice", "modules/broken/roadbed.py:3"),
    ),
    "an unknown property": (
        "Resource('core:Data', 'zone', inptu=1)\n",
        ("inptu", "input", "modules/broken/roadbed.py:2"),
    ),
    "an unknown type": ("Resource('cora:Data', 'zone')\n", ("cora:Data", "modules/broken/roadbed.py:2")),
}


@pytest.mark.parametrize("name", WRONG_PROGRAMS)
def test_a_wrong_program(platform: LivePlatform, name: str) -> None:
    text, says = WRONG_PROGRAMS[name]
    file = program(platform, f"from roadbed.sdk import Resource\n{text}", module="broken")
    try:
        told(platform.roadbed("plan", "broken@dev", ok=False), 2, *says)
        told(platform.roadbed("apply", "broken@dev", "--yes", ok=False), 2, *says)
    finally:
        file.unlink()
        file.parent.rmdir()


def test_a_step_that_fails_leaves_the_rest_done(platform: LivePlatform, network: Path) -> None:
    program(platform, PROGRAM + 'Resource("file:File", "bad", path="/proc/nowhere/at/all", content="x")\n')
    failed = platform.roadbed("apply", STACK, "--replace", "hosts", "--yes", ok=False)
    told(failed, 1, "bad", "roadbed.py:6")
    assert network.exists()
    assert "bad" not in [item["name"] for item in platform.json("stack", "show", STACK)["items"] if item["id"]]
    program(platform)
    platform.roadbed("apply", STACK, "--yes")
    assert platform.roadbed("plan", STACK).stdout.startswith("Nothing to change")
