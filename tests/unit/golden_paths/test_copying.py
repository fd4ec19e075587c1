"""fetch:plain, fetch:template and fs:*: what lands in the workspace, and what can't leave it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from roadbed.golden_paths.actions.copying import Options, copy_plain, copy_rendered
from roadbed.golden_paths.workspace import Workspace, inside
from roadbed.kit.errors import InvalidInput


def tree(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def contents(root: Path) -> dict[str, str]:
    return {p.relative_to(root).as_posix(): p.read_text(errors="replace") for p in root.rglob("*") if p.is_file()}


def rendered(tmp_path: Path, files: dict[str, str | bytes], **options: Any) -> dict[str, str]:
    source, target = tree(tmp_path / "source", files), tmp_path / "target"
    target.mkdir(exist_ok=True)
    copy_rendered(source, target, Options(**{"values": {"name": "orders", "none": ""}, **options}))
    return contents(target)


def test_names_and_contents_are_rendered(tmp_path: Path) -> None:
    found = rendered(tmp_path, {"${{ values.name }}/a.txt": "<${{ values.name }}> {{ x }}\n"})
    assert found == {"orders/a.txt": "<orders> {{ x }}\n"}


EMPTY_PARTS = [
    "${{ values.none }}/a",
    "a/${{ values.none }}",
    "a/${{ ' ' }}/b",
    "${{ values.x }}",
    "${{ '/etc' }}/x",
]


@pytest.mark.parametrize("name", EMPTY_PARTS)
def test_a_name_with_an_empty_part_is_left_out(tmp_path: Path, name: str) -> None:
    assert rendered(tmp_path, {name: "x"}) == {}


def test_existing_files_are_kept_unless_they_are_to_be_replaced(tmp_path: Path) -> None:
    tree(tmp_path / "target", {"a": "old"})
    assert rendered(tmp_path, {"a": "new"}) == {"a": "old"}
    assert rendered(tmp_path, {"a": "new"}, replace=True) == {"a": "new"}


def test_binary_files_are_copied_as_they_are(tmp_path: Path) -> None:
    rendered(tmp_path, {"a": b"\0${{ values.name }}", "b": b"\xff${{ values.name }}"})
    assert (tmp_path / "target/a").read_bytes() == b"\0${{ values.name }}"
    assert (tmp_path / "target/b").read_bytes() == b"\xff${{ values.name }}"


def test_modes_are_kept_and_line_endings_too(tmp_path: Path) -> None:
    tree(tmp_path / "source", {"run": "a\r\n"})
    (tmp_path / "source/run").chmod(0o755)
    rendered(tmp_path, {})
    assert stat.S_IMODE((tmp_path / "target/run").stat().st_mode) == 0o755
    assert (tmp_path / "target/run").read_bytes() == b"a\r\n"


def test_links_are_copied_as_links_but_not_out_of_the_folder(tmp_path: Path) -> None:
    source = tree(tmp_path / "source", {"a": "x"})
    (source / "link").symlink_to("a")
    rendered(tmp_path, {})
    assert (tmp_path / "target/link").readlink() == Path("a")
    (source / "bad").symlink_to("/etc/passwd")
    with pytest.raises(InvalidInput, match="leaves its folder"):
        rendered(tmp_path, {})


def test_without_templating_names_are_rendered_all_the_same(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"raw/${{ values.name }}": "${{ values.name }}"}
    assert rendered(tmp_path, files, raw=["raw/"]) == {"raw/orders": "${{ values.name }}"}


def test_without_render_names_stay_too(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"raw/${{ values.name }}": "${{ values.name }}"}
    assert rendered(tmp_path, files, raw=["raw/**"], raw_names=True) == files


def test_with_an_ending_only_files_that_have_it_are_rendered(tmp_path: Path) -> None:
    found = rendered(tmp_path, {"a.njk": "${{ values.name }}", "b": "${{ values.name }}"}, extension=".njk")
    assert found == {"a": "orders", "b": "${{ values.name }}"}


def test_cookiecutter(tmp_path: Path) -> None:
    found = rendered(tmp_path, {"{{cookiecutter.name}}": "{{ cookiecutter.name }} ${{ x }}"}, cookiecutter=True)
    assert found == {"orders": "orders $"}


def test_trimming(tmp_path: Path) -> None:
    text = "a\n  {% if true %}\nb\n  {% endif %}\n"
    assert rendered(tmp_path, {"a": text}, trim_blocks=True, lstrip_blocks=True) == {"a": "a\nb\n"}


def test_plain_copies_leave_everything_as_it_is(tmp_path: Path) -> None:
    source, target = tree(tmp_path / "s", {"${{ a }}/b": "${{ c }}"}), tmp_path / "t"
    assert copy_plain(source, target) == ["${{ a }}/b"]
    assert contents(target) == {"${{ a }}/b": "${{ c }}"}


@pytest.mark.parametrize("value", ["../x", "a/../../x", "..\\x", "a/\0"])
def test_a_rendered_name_cannot_leave_the_workspace(tmp_path: Path, value: str) -> None:
    with pytest.raises(InvalidInput, match="leaves its folder"):
        rendered(tmp_path, {"${{ values.name }}": "x"}, values={"name": value})


def test_a_link_in_the_workspace_is_no_way_out(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "link").symlink_to(outside)
    with pytest.raises(InvalidInput, match="through a link"):
        inside(root, "link/file")
    copy_plain(tree(tmp_path / "source", {"link": "a file now"}), root)
    assert (root / "link").read_text() == "a file now"


def test_a_step_that_is_begun_again_finds_what_it_found_the_first_time(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    tree(workspace.begin(0), {"a": "1"})
    workspace.commit(0)
    tree(workspace.begin(2), {"a": "half", "b": "half"})
    assert contents(workspace.begin(2)) == {"a": "1"}
    workspace.commit(2)
    assert contents(workspace.begin(2)) == {"a": "1"}
    assert workspace.before(5) == tmp_path / "w/0"


def test_a_failure_is_noted_for_whoever_goes_on(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    assert workspace.failure() is None
    workspace.note_failure({"made": []})
    assert workspace.failure() == {"made": []}
    workspace.remove()
    assert workspace.failure() is None
