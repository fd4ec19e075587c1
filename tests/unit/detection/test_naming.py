"""What an application is called that nobody named, and what says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadbed.cli.understanding import detect_in, open_directory
from roadbed.detection.detect import detect
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput

RUNS = {"Procfile": "web: python app.py\n", "app.py": "import os\n"}


@pytest.mark.parametrize(
    ("files", "name", "by"),
    [
        ({"package.json": '{"private": true,\n "name": "shop"}'}, "shop", "package.json:2"),
        ({"pyproject.toml": '[project]\nname = "My_Shop"\n'}, "my-shop", "pyproject.toml:2"),
        ({"app.json": '{"name": "Of the file"}', "package.json": '{"name": "shop"}'}, "of-the-file", "app.json:1"),
        ({"go.mod": "module example.org/team/shop\n"}, "shop", "go.mod:1"),
        ({"package.json": '{"name": "?"}'}, "folder", "the folder's name"),
        ({}, "folder", "the folder's name"),
    ],
)
def test_a_name_has_its_evidence(files: dict[str, str], name: str, by: str) -> None:
    found = detect(TreeOfTexts({**RUNS, **files}), "folder")
    assert (found.name, found.named_by) == (name, by)
    assert found.called("mine").named_by == ""


@pytest.mark.parametrize("folder", ["a", "-", "ü"])
def test_a_folder_without_a_usable_name_asks_for_one(tmp_path: Path, folder: str) -> None:
    root = tmp_path / folder
    root.mkdir()
    for file, text in RUNS.items():
        (root / file).write_text(text)
    with pytest.raises(InvalidInput, match="can't be one") as caught:
        detect_in(root, open_directory(root), None)
    assert "-a NAME" in str(caught.value.hint)
    assert detect_in(root, open_directory(root), "shop").name == "shop"
