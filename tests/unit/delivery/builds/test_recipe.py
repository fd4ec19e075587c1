"""How a source tree is built, decided from its files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.recipe import Recipe, choose
from roadbed.kit.errors import InvalidInput

MACHINE = Machine("/usr/bin/python3.11", "/usr", "3.11.7", "linux-x86_64", "/opt/uv", "0.9.0")
PROJECT = b'[project]\nname = "a"\nrequires-python = ">=3.11"\ndependencies = ["h11"]\n'


def _recipe(
    source: str = "s1",
    machine: Machine = MACHINE,
    *,
    project: bytes | None = None,
    lock: bytes | None = None,
    requirements: bytes | None = None,
) -> Recipe:
    named = {"pyproject.toml": project, "uv.lock": lock, "requirements.txt": requirements}
    files = {name: content for name, content in named.items() if content is not None}
    return choose(source, files, has_python=True, machine=machine)


@pytest.mark.parametrize(
    ("files", "dependencies"),
    [
        ({"project": PROJECT}, "pyproject.toml"),
        ({"project": PROJECT, "lock": b"x"}, "uv.lock"),
        ({"project": PROJECT, "requirements": b"h11"}, "pyproject.toml"),
        ({"requirements": b"h11"}, "requirements.txt"),
        ({"lock": b"x"}, "none"),
        ({}, "none"),
    ],
)
def test_the_file_that_says_most_is_followed(files: dict[str, bytes], dependencies: str) -> None:
    assert _recipe("s1", MACHINE, **files).dependencies == dependencies


def test_a_layer_is_shared_by_what_has_the_same_dependencies() -> None:
    first = _recipe("s1", project=PROJECT)
    assert _recipe("s2", project=PROJECT + b"[tool.ruff]\nline-length = 9\n").layer == first.layer
    assert first.artifact("s1") != first.artifact("s2")


@pytest.mark.parametrize(
    "other",
    [
        _recipe(project=PROJECT.replace(b"h11", b"httpx")),
        _recipe(project=PROJECT, lock=b"x"),
        _recipe(project=PROJECT + b'[tool.uv]\nindex-url = "https://example.org"\n'),
        _recipe(project=PROJECT, machine=replace(MACHINE, version="3.11.8")),
        _recipe(project=PROJECT, machine=replace(MACHINE, platform="linux-aarch64")),
        _recipe(project=PROJECT, machine=replace(MACHINE, uv_version="1.0")),
    ],
)
def test_whatever_decides_an_installation_decides_the_layer(other: Recipe) -> None:
    assert other.layer != _recipe(project=PROJECT).layer


@pytest.mark.parametrize(
    "files",
    [
        {"project": PROJECT + b'[tool.uv.sources]\nlib = {path = "lib"}\n'},
        {"project": PROJECT + b'[tool.uv.workspace]\nmembers = ["lib"]\n'},
        {"requirements": b"-r more.txt\n"},
        {"requirements": b"./lib\n"},
    ],
)
def test_a_layer_that_reads_the_tree_belongs_to_that_tree(files: dict[str, bytes]) -> None:
    assert _recipe("s1", MACHINE, **files).needs_tree
    assert _recipe("s1", MACHINE, **files).layer != _recipe("s2", MACHINE, **files).layer


@pytest.mark.parametrize(
    ("files", "message", "file"),
    [
        ({"pyproject.toml": b"["}, "this is not valid TOML", "pyproject.toml"),
        ({"pyproject.toml": b"\xff"}, "this is not valid TOML", "pyproject.toml"),
        ({"pyproject.toml": b"project = 1"}, "must be tables", "pyproject.toml"),
        ({"pyproject.toml": b"[project]\nrequires-python = 3"}, "is not a version range: 3", "pyproject.toml"),
        (
            {"pyproject.toml": b'[project]\nrequires-python = ">=3.13"'},
            "the project needs Python >=3.13, and this machine builds with 3.11.7",
            "pyproject.toml",
        ),
        ({}, "there is nothing here that can be built", None),
    ],
)
def test_what_can_not_be_built_is_said(files: dict[str, bytes], message: str, file: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        choose("s", files, has_python=False, machine=MACHINE)
    assert message in caught.value.message
    assert caught.value.problem.file == file
