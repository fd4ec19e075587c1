"""What somebody at a terminal sees of an apply: the real command on a real terminal."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from fakes.platform_api import TOKEN, FakePlatform, operation
from fakes.stacks_api import STACK, entry, plan, step
from live_platform import ROADBED
from terminal import terminal
from waiting import until

FAILED = {"detail": "1 of 14 resources failed", "code": "apply_failed", "status": 500, "title": "Failed"}

TREE = r"""(?x)
    . \ Applying\ plan\ 4\ of\ network@dev\ \ 1/14 \ \ [\d.]+s\n
    …\ 1\ done\n
    .\ main\ \ 1\ running,\ 1\ waiting\n
    \ \ .\ subnet\ \ core:Data\ \ creating\ \ [\d.]+s\n
    ·\ farm\ \ 11\ waiting\n$
"""


async def test_a_tree_that_is_drawn_in_place(platform: FakePlatform, tmp_path: Path) -> None:
    many: list[Any] = [step(f"farm/item-{number}", "create") for number in range(11)]
    platform.plan = plan(step("vpc", "create"), step("main/subnet", "create"), step("main/gateway", "create"), *many)
    platform.operations["op_1"] = operation("running", kind="stack.apply", title="Apply plan 4", steps=[])
    platform.journal = [
        entry(1, "vpc", "began"),
        entry(2, "vpc", "succeeded"),
        entry(3, "main/subnet", "began"),
    ]
    own = {name: value for name, value in os.environ.items() if not name.startswith("ROADBED_")}
    environment = own | {"ROADBED_URL": platform.url, "ROADBED_TOKEN": TOKEN, "ROADBED_HOME": str(tmp_path)}
    environment |= {"TERM": "xterm-256color"}
    arguments = [str(ROADBED), "apply", STACK, "--yes"]
    with terminal(arguments, environment, columns=60, rows=10) as shown:
        screen = shown.screen
        await until(lambda: re.search(TREE, screen.text), patience=60, what="the tree")
        platform.journal.append(entry(4, "main/subnet", "failed", error="no room"))
        platform.operations["op_1"] = operation("failed", kind="stack.apply", title="Apply", steps=[], error=FAILED)
        assert shown.wait() == 1
    assert screen.text.count("Applying plan 4") == 0, "it was drawn over"
    last = screen.text.splitlines()
    assert last.index("      no room") == 1 + next(n for n, line in enumerate(last) if line.startswith("  ✗ subnet"))
    assert screen.text.count("subnet  core:Data  creating") == 1
    assert any(line.startswith("1 done, 1 failed, 12 not begun (") for line in last)
    assert "✗ 1 of 14 resources failed" in screen.text
