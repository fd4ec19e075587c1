"""Whatever text comes, a reader gives a value or InvalidInput, and soon."""

from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from roadbed.kit.errors import InvalidInput
from roadbed.workload.application import read_application
from roadbed.workload.document import plain
from roadbed.workload.parsing import parse_document
from roadbed.workload.score import read_score
from roadbed.workload.source import read_source

BOMB = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))])
DEEP_ALIASES = "\n".join(
    ["a0: &a0 " + "[" * 50 + "]" * 50] + [f"a{n}: &a{n} " + "[" * 50 + f"*a{n - 1}" + "]" * 50 for n in range(1, 200)]
)

WORDS = st.sampled_from(
    [
        "apiVersion",
        "score.dev/v1b1",
        "metadata",
        "name",
        "web",
        "containers",
        "main",
        "image",
        "files",
        "volumes",
        "variables",
        "before",
        "service",
        "ports",
        "port",
        "resources",
        "type",
        "params",
        "command",
        "source",
        "kind",
        "Application",
        "workloads",
        "scale",
        "min",
        "rollout",
        "steps",
        "jobs",
        "schedule",
        "environments",
        "${resources.web.x}",
        "$${",
        "${metadata.name}",
        "target",
        "readinessProbe",
        "httpGet",
        "content",
        "mode",
    ]
)
SCALARS = st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20))
TREES = st.recursive(
    SCALARS,
    lambda children: st.one_of(st.lists(children, max_size=4), st.dictionaries(WORDS, children, max_size=6)),
    max_leaves=40,
)


@pytest.mark.parametrize("text", [BOMB, DEEP_ALIASES, "x" * 1_000_001, "a: \ud800", "a: \x00", "{" * 9000, "- " * 9000])
def test_bombs_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_document(text, "score.yaml")


@pytest.mark.parametrize("filling", ["${", "$", "$$", "${resources.a.", "a-", "\\."])
def test_a_long_text_takes_linear_time(filling: str) -> None:
    text = filling * (400_000 // len(filling))
    document = (
        "apiVersion: score.dev/v1b1\nmetadata: {name: web}\n"
        f"containers: {{main: {{image: ., variables: {{A: '{text}'}}}}}}\n"
        f"resources: {{aa: {{type: '{text}', id: '{text}'}}}}"
    )
    with contextlib.suppress(InvalidInput):
        read_score(document, file="score.yaml")


def test_a_thousand_wrong_fields_give_a_short_answer() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_score("\n".join(f"key{n}: 1" for n in range(20_000)), file="score.yaml")
    assert len(caught.value.problems) == 51


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_score, read_application):
        with contextlib.suppress(InvalidInput):
            read(text, file="x.yaml")


@settings(max_examples=300)
@given(TREES)
def test_any_tree_is_read_or_refused(tree: object) -> None:
    text = yaml.safe_dump(tree, allow_unicode=True)
    for read in (read_score, read_application):
        with contextlib.suppress(InvalidInput):
            read(text, file="x.yaml")


DUMPED = TREES.map(lambda tree: yaml.safe_dump(tree, allow_unicode=True).encode())
NAMES = ["roadbed.yaml", "score.yaml", "score.yml", "catalog-info.yaml", "web", "roadbed.py"]


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=60) | DUMPED, max_size=4))
def test_any_files_are_an_application_or_refused(files: dict[str, bytes]) -> None:
    with contextlib.suppress(InvalidInput):
        read_source(lambda names: {name: files[name] for name in names if name in files}, "web")


LEAVES = st.integers(-(10**29), 10**29) | st.booleans() | st.none() | st.text("abc:- #'\"{}[]&*!|>%@", max_size=9)


@given(st.recursive(LEAVES, st.lists))
def test_what_was_written_is_read_back(tree: object) -> None:
    assert plain(parse_document(yaml.safe_dump(tree, width=9999), "x.yaml")) == tree


def test_a_character_that_yaml_forbids_has_its_place() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_document("é: wéb\nx: \x01", "score.yaml")
    assert (refused.value.problem.line, refused.value.problem.column) == (2, 4)
