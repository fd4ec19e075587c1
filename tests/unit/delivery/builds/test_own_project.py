"""What installing a project itself would give, without installing it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_trees import MACHINE, Files
from roadbed.delivery.builds.recipes.choose import Recipe, choose
from roadbed.delivery.builds.recipes.own_project import LAYER, own_part, own_project

PROJECT = b'[project]\nname = "shop-api"\nversion = "0.1"\ndependencies = ["flask"]\n[project.scripts]\n'
SHOP = {"shop-api": "shop_api.cli:main"}


@pytest.mark.parametrize(
    ("files", "version", "scripts"),
    [
        ({"pyproject.toml": PROJECT + b'shop-api = "shop_api.cli:main"'}, "0.1", SHOP),
        (
            {"pyproject.toml": b'[project]\nname = "a"\ndynamic = ["version"]\n[build-system]\nrequires = []'},
            "0",
            {},
        ),
        (
            {"pyproject.toml": b'[tool.poetry]\nname = "a"\nversion = "2"\n[tool.poetry.scripts]\nrun = "a:b.c"'},
            "2",
            {"run": "a:b.c"},
        ),
        (
            {
                "setup.cfg": b"[metadata]\nname = a\nversion = attr: a.v\n"
                b"[options.entry_points]\nconsole_scripts =\n  x = a:b"
            },
            "0",
            {"x": "a:b"},
        ),
        ({"setup.py": b"setup(name='a', entry_points={'console_scripts': ['x=a:b']}, version=V)"}, "0", {"x": "a:b"}),
    ],
)
def test_what_files_state_of_it(files: dict[str, bytes], version: str, scripts: dict[str, str]) -> None:
    project = own_project(Files(files))
    assert project is not None
    assert (project.version, project.scripts) == (version, scripts)


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": b'[project]\nname = "a"\ndependencies = []'},
        {"pyproject.toml": b"[tool.ruff]"},
        {"pyproject.toml": b'[project]\nname = "../a"\n[build-system]'},
        {"pyproject.toml": b"["},
        {"requirements.txt": b"flask"},
    ],
)
def test_of_these_nothing_would_be_installed(files: dict[str, bytes]) -> None:
    assert own_project(Files(files)) is None


def _recipe(scripts: bytes, code: bytes = b"") -> Recipe:
    return choose("s", Files({"pyproject.toml": PROJECT + scripts, "src/shop_api/cli.py": code}), MACHINE)


def test_its_scripts_lead_to_the_code_where_it_lies() -> None:
    recipe = _recipe(b'shop-api = "shop_api.cli:main"')
    python, own = recipe.parts
    assert python.environment["PYTHONPATH"] == f"/app/src:/app:{LAYER}/lib"
    assert own.files["project/bin/shop-api"].decode().splitlines()[2:] == [
        "",
        "from shop_api.cli import main",
        "",
        "sys.exit(main())",
    ]
    assert own.files["project/lib/shop_api-0.1.dist-info/entry_points.txt"] == (
        b"[console_scripts]\nshop-api = shop_api.cli:main\n"
    )


def test_another_script_changes_no_layer_that_something_is_installed_in() -> None:
    one, other = _recipe(b'a = "shop_api.cli:main"'), _recipe(b'b = "shop_api.cli:main"', b"def main(): ...")
    assert one.layers[0] == other.layers[0]
    assert one.layers[1] != other.layers[1]


ODD = st.lists(st.sampled_from(["..", "/", ".", "a", "-", "=", "\n", ":", "\0", " "]), max_size=6).map("".join)


@given(st.dictionaries(ODD, ODD, max_size=3))
def test_no_name_leads_out_of_the_layer(scripts: dict[str, str]) -> None:
    lines = "\n".join(f"{name} = {to}" for name, to in scripts.items())
    text = f"[metadata]\nname = a\n[options.entry_points]\nconsole_scripts =\n  {lines}"
    project = own_project(Files({"setup.cfg": text.encode("utf-8", "replace")}))
    for path in own_part(project).files if project else ():
        assert ".." not in path.split("/")
        assert path.count("/") <= 3
