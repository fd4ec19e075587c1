"""A secret of a module by the real command: set, applied, changed, unset; and everywhere that it may not be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from live_platform import LivePlatform, StartPlatform

pytestmark = pytest.mark.slow

STACK = "vault@dev"
URN = f"{STACK}/token%23file:File"
FIRST, SECOND = "hunter2-of-the-first-day", "hunter2-of-the-second-day"
PROGRAM = """\
from roadbed.sdk import Resource, export, secret

file = Resource("file:File", "token", path="vault/token", mode="0600", content=f"token = {secret('TOKEN')}\\n")
export("path", file.path)
"""


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Iterator[LivePlatform]:
    platform = start_platform()
    folder = platform.home / "platform" / "modules" / "vault"
    folder.mkdir(parents=True)
    (folder / "roadbed.py").write_text(PROGRAM)
    yield platform
    assert "Traceback" not in platform.log


def leaks(platform: LivePlatform) -> list[str]:
    """Where one of the values stands: what the platform answers, logs, or keeps in its database."""
    words = ("stack show", "stack history", "stack plans", "stack export", "stack outputs", "stack secrets")
    said = {word: platform.roadbed(*word.split(), STACK, "-o", "json").stdout for word in words if "export" not in word}
    said["stack export"] = platform.roadbed("stack", "export", STACK).stdout
    said |= {word: platform.roadbed(*word.split(), "-o", "json").stdout for word in ("audit", "ops")}
    for item in platform.items("stack", "plans", STACK):
        path = f"/stacks/{STACK}/plans/{item['number']}"
        said[path] = platform.api("GET", path).body.decode()
    said["the journal"] = platform.api("GET", f"/stacks/{STACK}/resources/history?urn={URN}").body.decode()
    for log in (platform.home / "logs").rglob("*"):
        said[str(log)] = log.read_text(errors="replace") if log.is_file() else ""
    return [where for where, text in said.items() if FIRST in text or SECOND in text]


def test_the_life_of_a_secret(platform: LivePlatform) -> None:
    refused = platform.roadbed("plan", STACK, ok=False)
    assert (refused.code, refused.stdout) == (2, "")
    assert "modules/vault/roadbed.py:3" in refused.stderr
    assert "vault@dev has no secret 'TOKEN'" in refused.stderr
    assert "roadbed stack secrets vault@dev set TOKEN" in refused.stderr

    assert platform.json("stack", "secrets", STACK, "set", f"TOKEN={FIRST}")["set"] == ["TOKEN"]
    applied = platform.roadbed("apply", STACK, "--yes")
    file = Path(platform.roadbed("stack", "outputs", STACK, "path").stdout.strip())
    assert file.read_text() == f"token = {FIRST}\n"
    (listed,) = platform.items("stack", "secrets", STACK)
    assert listed.keys() == {"name", "set_at", "set_by"}

    assert platform.json("stack", "secrets", STACK, "set", f"TOKEN={FIRST}")["unchanged"] == ["TOKEN"]
    assert platform.roadbed("plan", STACK).stdout.startswith("Nothing to change")
    changed = platform.roadbed("stack", "secrets", STACK, "set", f"TOKEN={SECOND}")
    assert changed.stdout == f"Set TOKEN for {STACK}. What that changes: roadbed plan {STACK}\n"
    planned = platform.roadbed("plan", STACK)
    assert "(secret changed)" in planned.stdout
    machine = platform.roadbed("plan", STACK, "-o", "json")
    assert [(one["path"], one["secret"]) for one in machine.json["steps"][0]["changes"]] == [("content", True)]
    platform.roadbed("stack", "secrets", STACK, "set", f"TOKEN={FIRST}")
    platform.roadbed("stack", "secrets", STACK, "set", f"TOKEN={SECOND}")
    stale = platform.roadbed("apply", STACK, "--plan", str(machine.json["number"]), "--yes", ok=False)
    assert (stale.code, file.read_text()) == (1, f"token = {FIRST}\n")
    updated = platform.roadbed("apply", STACK, "--yes")
    assert file.read_text() == f"token = {SECOND}\n"

    for done in (refused, applied, changed, planned, machine, stale, updated):
        assert FIRST not in done.stdout + done.stderr
        assert SECOND not in done.stdout + done.stderr
    assert leaks(platform) == []
    history = [(item["action"], item["summary"]) for item in platform.items("stack", "history", STACK)]
    assert ("secrets", {"set": ["TOKEN"]}) in history

    platform.roadbed("destroy", STACK, "--yes")
    assert [item["name"] for item in platform.items("stack", "secrets", STACK)] == ["TOKEN"]
    platform.roadbed("stack", "secrets", STACK, "unset", "TOKEN")
    assert platform.items("stack", "secrets", STACK) == []
    assert platform.roadbed("stack", "secrets", STACK, "unset", "TOKEN", ok=False).code == 4


def test_an_application_s_are_set_with_it(platform: LivePlatform) -> None:
    folder = platform.folder / "till"
    folder.mkdir()
    (folder / "roadbed.yaml").write_text(
        "apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {name: till, owner: group:default/payments}\n"
    )
    (folder / "roadbed.py").write_text("from roadbed.sdk import export\n\nexport('kind', 'till')\n")
    program = (folder / "roadbed.py").read_text()
    (folder / "roadbed.py").write_text("from roadbed.sdk import export, secret\n\nexport('kind', secret('TOKEN'))\n")
    early = platform.roadbed("deploy", folder, ok=False)
    assert "deploy it once without its secrets, then set it: roadbed config till" in early.stderr
    (folder / "roadbed.py").write_text(program)
    platform.roadbed("deploy", folder)
    refused = platform.roadbed("stack", "secrets", "till@dev", "set", f"TOKEN={FIRST}", ok=False)
    assert (refused.code, refused.stdout) == (2, "")
    assert "roadbed config till --environment dev" in refused.stderr
    (folder / "roadbed.py").write_text("from roadbed.sdk import export, secret\n\nexport('kind', secret('TOKEN'))\n")
    unset = platform.roadbed("deploy", folder, ok=False)
    assert "roadbed config till --environment dev --secret set TOKEN" in unset.stderr
    platform.roadbed(*f"config till --environment dev --secret set TOKEN={FIRST}".split())
    assert FIRST not in platform.roadbed("deploy", folder).stdout + platform.log
    platform.roadbed("destroy", "till", "--yes")
