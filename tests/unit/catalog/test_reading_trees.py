"""Reading the files of a repository: Locations, placeholders, and paths that try to get out."""

from __future__ import annotations

from pathlib import Path

from roadbed.catalog.reader import Tree, read_tree

COMPONENT = (
    "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\n"
    "spec: {{type: service, lifecycle: production, owner: payments}}\n"
)
LOCATION = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: all}}\nspec: {spec}\n"
API = (
    "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: orders}}\n"
    "spec: {{type: openapi, lifecycle: production, owner: payments, definition: {definition}}}\n"
)


def read(root: Path, **files: str) -> Tree:
    (root / "catalog").mkdir()
    for name, text in files.items():
        (root / "catalog" / f"{name}.yaml").write_text(text)
    return read_tree(root, ["catalog/start.yaml"])


def messages(tree: Tree) -> str:
    return "\n".join(map(str, tree.problems))


def test_a_location_brings_in_what_it_names(tmp_path: Path) -> None:
    tree = read(
        tmp_path,
        start=LOCATION.format(spec="{targets: [./orders.yaml, ../catalog/start.yaml]}"),
        orders=COMPONENT.format(name="orders"),
    )
    assert list(tree.files) == ["catalog/start.yaml", "catalog/orders.yaml"]
    assert not tree.problems


def test_a_missing_target_is_a_problem_unless_it_is_optional(tmp_path: Path) -> None:
    assert "catalog/start.yaml:1" in messages(read(tmp_path, start=LOCATION.format(spec="{target: ./gone.yaml}")))
    (tmp_path / "catalog/start.yaml").write_text(LOCATION.format(spec="{target: ./gone.yaml, presence: optional}"))
    assert not read_tree(tmp_path, ["catalog/start.yaml"]).problems


def test_a_location_of_another_type_is_only_shown(tmp_path: Path) -> None:
    tree = read(tmp_path, start=LOCATION.format(spec="{type: url, target: 'https://example.com/a.yaml'}"))
    assert list(tree.files) == ["catalog/start.yaml"]
    assert not tree.problems


def test_no_path_leaves_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.yaml").write_text(COMPONENT.format(name="secret"))
    tree = read(root, start=LOCATION.format(spec="{targets: [../../secret.yaml, /etc/passwd, ./link.yaml]}"))
    assert messages(tree).count("lies outside") == 2
    (root / "catalog/link.yaml").symlink_to(tmp_path / "secret.yaml")
    tree = read_tree(root, ["catalog/start.yaml"])
    assert messages(tree).count("lies outside") == 3
    assert list(tree.files) == ["catalog/start.yaml"]


def test_placeholders_are_replaced_by_what_they_name(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text('{"openapi": "3.1.0"}')
    tree = read(tmp_path, start=API.format(definition="{$text: ../api.json}"))
    assert tree.files["catalog/start.yaml"][0].spec["definition"] == '{"openapi": "3.1.0"}'


def test_a_definition_must_be_text_after_all(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text('{"openapi": "3.1.0"}')
    assert "spec.definition must be text" in messages(
        read(tmp_path, start=API.format(definition="{$json: ../api.json}"))
    )


def test_with_several_keys_a_placeholder_is_left_alone(tmp_path: Path) -> None:
    start = COMPONENT.format(name="a").replace("owner: payments", "owner: payments, x: {$text: a, b: c}")
    assert read(tmp_path, start=start).files["catalog/start.yaml"][0].spec["x"] == {"$text": "a", "b": "c"}


def test_a_placeholder_cannot_read_outside(tmp_path: Path) -> None:
    assert "lies outside" in messages(read(tmp_path, start=API.format(definition="{$text: ../../../etc/passwd}")))
