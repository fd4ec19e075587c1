"""Whatever lies in a tree, and however broken: it is understood or refused in a sentence, and what is understood can be
written down and read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from detection_cases import CASES, tree_of
from roadbed.detection.detect import detect
from roadbed.detection.files import READERS
from roadbed.detection.rendered import rendered
from roadbed.detection.score_file import escaped
from roadbed.detection.source import read_with
from roadbed.detection.summary import compact, summary
from roadbed.detection.tree import MAX_PATHS, TreeOfFiles, TreeOfTexts
from roadbed.detection.yaml_text import document
from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Place, plain
from roadbed.workload.files import from_mapping
from roadbed.workload.parsing import parse_document
from roadbed.workload.placeholders import parse

KNOWN = list(READERS)
PLACES = [
    *KNOWN, "package.json", "pyproject.toml", "requirements.txt", "Pipfile", "setup.cfg", "setup.py", "manage.py",
    "app.py", "shop/settings.py", "go.mod", "main.go", "cmd/x/main.go", "Gemfile", "config.ru", "config/application.rb",
    ".python-version", "runtime.txt", ".nvmrc", "index.html", "Dockerfile", ".env", ".env.example",
    "a b/Procfile", "é/\n.py",
]  # fmt: skip
TREES = {case.name: tree_of(case) for case in CASES.iterdir()}
LINES = sorted({line for tree in TREES.values() for text in tree.values() for line in text.splitlines()})

_leaf = st.none() | st.booleans() | st.integers(-5, 70000) | st.text(max_size=8) | st.sampled_from(LINES)
_shape = st.recursive(
    _leaf, lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3)
)
_keys = st.sampled_from([
    "services", "web", "db", "env", "value", "build", "command", "environment", "ports", "volumes", "healthcheck",
    "deploy", "processes", "app", "addons", "formation", "quantity", "cron", "schedule", "scripts", "start", "name",
    "type", "envVars", "key", "fromDatabase", "startCommand", "image", "dependencies", "engines", "node", "disk",
    "mountPath", "domains", "rootDir", "staticPublishPath", "runtime", "description",
])  # fmt: skip
_known = st.recursive(
    _leaf, lambda below: st.lists(below, max_size=3) | st.dictionaries(_keys, below, max_size=4), max_leaves=20
)
_text = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(LINES), max_size=12).map("\n".join),
    st.builds(json.dumps, _shape | _known),
)


@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(PLACES), _text, min_size=1, max_size=6))
@example({"Procfile": "web: " + "a && " * 50 + "\n"})
@example({"app.json": '{"env": {"A": "\\ud800"}, "scripts": {"dokku": {"predeploy": "\\u0000"}}}', "index.html": ""})
@example({"compose.yaml": "services: {web: {command: a, environment: {'A B': 1, PORT: 2, 'x=y': 3, '': 4}}}"})
@example({"compose.yaml": "services: {web: {command: a, volumes: ['x:/../y', 'z:/d']}, route: {image: redis}}"})
@example({"render.yaml": 'services: [{type: cron, name: aa, schedule: "* * * *", startCommand: x}]'})
@example({"fly.toml": "a = " + "[" * 2000})
@example({"package.json": "{" * 3000})
@example({"package.json": '{"scripts": {"start": "x"}, "engines": {"node": ">=' + "9" * 5000 + '"}}'})
@example({"go.mod": "module x/" + "é" * 100 + "\n", "main.go": "package main"})
def test_any_tree_is_understood_or_refused(files: dict[str, str]) -> None:
    _understood_or_refused(files)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(TREES)), st.data())
def test_a_real_tree_with_something_broken(name: str, data: st.DataObject) -> None:
    tree = dict(TREES[name])
    path = data.draw(st.sampled_from(sorted(tree)))
    text = tree[path]
    at = data.draw(st.integers(0, len(text)))
    tree[path] = (
        text[:at] + data.draw(st.text(max_size=5) | st.sampled_from(LINES)) + text[at + data.draw(st.integers(0, 9)) :]
    )
    _understood_or_refused(tree)


def _understood_or_refused(files: Mapping[str, str]) -> None:
    try:
        found = detect(TreeOfTexts(files), machine={"python": ("3.11.7",)})
    except InvalidInput:
        return
    lines = [*summary(found), *compact(found)]
    assert all(line.isprintable() for line in lines)
    for needs in ((), tuple(found.needs)):
        read = read_with(from_mapping({}), rendered(found, needs))
        assert read.name == found.name
        assert set(read.workloads) == {name for name, one in found.processes.items() if one.schedule is None}


@given(st.text())
def test_a_value_arrives_as_it_was(text: str) -> None:
    assert "".join(str(part) for part in parse(escaped(text), Place("f", 1, 1)).parts) == text


_written = st.recursive(
    st.text(st.characters(blacklist_categories=["Cs"])) | st.integers(-9, 9) | st.booleans(),
    lambda below: (
        st.lists(st.text("ab: #", max_size=90), max_size=3)
        | st.dictionaries(st.text("ab: -#\n", max_size=5), below, min_size=1, max_size=3)
    ),
)


@given(st.dictionaries(st.text("ab: -#\n", max_size=5), _written, min_size=1, max_size=3))
def test_what_is_written_is_read_again(content: dict[str, object]) -> None:
    assert plain(parse_document(document(content, ("a comment",)), "f")) == content


def test_a_tree_is_cut_and_what_is_no_text_is_nothing() -> None:
    contents = {"big": b"x" * 2_000_000, "binary": b"\xff\xfe", "nul": b"a\0b", "bom": b"\xef\xbb\xbfok", "gone": None}
    tree = TreeOfFiles([*contents, *(f"many/{number}" for number in range(MAX_PATHS))], contents.get)
    assert len(tree.paths) == MAX_PATHS
    assert [tree.text(name) for name in ("big", "binary", "nul", "gone", "other")] == [None] * 5
    assert tree.text("bom") == "ok"


@pytest.mark.parametrize("name", KNOWN)
def test_a_file_that_is_no_text_is_said(name: str) -> None:
    read = {name: b"\xff", "index.html": b"<p>"}.get
    found = detect(TreeOfFiles([name, "index.html"], read))
    assert f"{name}: this is no text that can be read here, and is passed over" in map(str, found.notes)


def test_cases_are_folders() -> None:
    assert all(Path(CASES / name).is_dir() for name in TREES)
