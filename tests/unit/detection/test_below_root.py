"""Score files in folders: what they start is looked for in the root."""

from __future__ import annotations

import pytest

from roadbed.detection.source import read_application_source
from roadbed.detection.tree import TreeOfTexts
from roadbed.workload.files import from_mapping

ROADBED = """apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: shop}
workloads: {web: {score: back/score.yaml}}
"""
SCORE = """apiVersion: score.dev/v1b1
metadata: {name: web}
containers:
  main: {image: ., command: %s}
"""


@pytest.mark.parametrize(
    ("command", "files", "missed"),
    [
        ("[python3, server.py]", ["back/server.py"], "server.py"),
        ("[python3, ./server.py]", ["back/server.py"], "server.py"),
        ("[sh, -c, exec python3 server.py]", ["back/server.py"], "server.py"),
        ("[uvicorn, 'main:app']", ["back/main.py"], "main.py"),
        ("[python3, -m, shop.web]", ["back/shop/web.py"], "shop/web.py"),
        ("[python3, server.py]", ["back/server.py", "server.py"], None),
        ("[python3, back/server.py]", ["back/server.py"], None),
        ("[sh, -c, cd back && python3 server.py]", ["back/server.py"], None),
        ("[python3, gone.py]", [], None),
    ],
)
def test_what_only_the_folder_has_is_noted(command: str, files: list[str], missed: str | None) -> None:
    tree = {"roadbed.yaml": ROADBED, "back/score.yaml": SCORE % command} | dict.fromkeys(files, "")
    notes = [str(one) for one in read_application_source(from_mapping(tree), TreeOfTexts(tree)).source.problems]
    expected = f"back/score.yaml:4:9: main starts in the tree's root, which has no {missed}: it lies in back"
    assert notes == ([expected] if missed else [])
