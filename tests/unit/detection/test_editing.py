"""One resource of a `roadbed.yaml` is edited, and nothing else of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roadbed.detection.editing import difference, edited
from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import plain
from roadbed.workload.parsing import parse_document

HEAD = "apiVersion: roadbed.dev/v1   # the version\nkind: 'Application'\n"
FILE = (
    HEAD
    + """\
# the data
resources:
    db:   # what we sell
        type: postgres
        # small will do
        class: small

    # what finance reads
    exports: {type: s3,   params: {versioned: true}}
# below
environments: {prod: {variables: {A: "1"}}}
"""
)


def edit(text: str | None, name: str, declared: dict[str, Any] | None) -> str:
    return edited(text, name, declared, file="roadbed.yaml", application="orders")


def changes(text: str, name: str, declared: dict[str, Any] | None) -> list[str]:
    """The lines that differ, as `diff` marks them."""
    shown = difference(text, edit(text, name, declared), "roadbed.yaml").splitlines()
    return [line for line in shown if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_a_file_is_begun_where_there_is_none() -> None:
    said = plain(parse_document(edit(None, "db", {"type": "postgres"}), "roadbed.yaml"))
    assert said["metadata"] == {"name": "orders"}
    assert said["resources"] == {"db": {"type": "postgres"}}


@pytest.mark.parametrize(
    ("name", "declared", "expected"),
    [
        ("cache", {"type": "redis"}, ["+    cache:", "+      type: redis"]),
        ("db", {"type": "postgres", "class": "large"}, ["-        class: small", "+        class: large"]),
        ("db", {"type": "postgres", "class": "small", "workloads": ["web"]}, ["+        workloads: [web]"]),
        ("db", {"type": "postgres"}, ["-        # small will do", "-        class: small"]),
        (
            "exports",
            None,
            ["-    # what finance reads", "-    exports: {type: s3,   params: {versioned: true}}"],
        ),
        ("db", {"type": "postgres", "class": "small"}, []),
        ("nothing", None, []),
    ],
)
def test_other_lines_stay_as_they_were_written(name: str, declared: dict[str, Any] | None, expected: list[str]) -> None:
    assert changes(FILE, name, declared) == expected


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ("", ["+resources:", "+  db:", "+    type: postgres"]),
        ("resources: {}\n", ["-resources: {}", "+resources:", "+  db:", "+    type: postgres"]),
        (
            "resources: {it: {type: s3}}\n",
            ["-resources: {it: {type: s3}}", "+resources:", "+  it:", "+    type: s3", "+  db:", "+    type: postgres"],
        ),
    ],
)
def test_a_mapping_in_a_row_becomes_lines(resources: str, expected: list[str]) -> None:
    assert changes(f"{HEAD}{resources}jobs: {{}}\n", "db", {"type": "postgres"}) == expected


def test_the_last_one_takes_the_key_with_it() -> None:
    assert changes(f"{HEAD}resources:\n  db: {{type: s3}}\n", "db", None) == ["-resources:", "-  db: {type: s3}"]


def test_a_last_line_without_an_end_gets_one() -> None:
    assert edit(f"{HEAD}jobs: {{}}", "db", {"type": "s3"}).endswith("jobs: {}\nresources:\n  db:\n    type: s3\n")


def test_what_can_not_be_edited_by_lines_is_left_alone() -> None:
    text = f"{HEAD}resources:\n  db: {{type: s3,\n    params: {{\n    }}}}\n"
    with pytest.raises(InvalidInput, match="can't be edited here line by line"):
        edit(text, "db", None)


def test_a_file_that_is_wrong_is_told_at_its_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        edit(f"{HEAD}resources: {{db: {{type: s3, tipe: 1}}}}\n", "cache", {"type": "redis"})
    assert str(caught.value) == "roadbed.yaml:3:28: resources.db.tipe is not a known field"


NAMES = st.sampled_from(["db", "cache", "exports", "files", "events"])
DECLARED = st.builds(
    lambda type_, more: {"type": type_, **more},
    st.sampled_from(["postgres", "redis", "s3"]),
    st.fixed_dictionaries(
        {},
        optional={
            "class": st.sampled_from(["small", "large"]),
            "params": st.dictionaries(
                st.text(min_size=1, max_size=8).filter(str.isprintable),
                st.text(max_size=20) | st.booleans(),
                min_size=1,
            ),
            "workloads": st.lists(st.sampled_from(["web", "worker"]), unique=True),
        },
    ),
)


@example([("db", None), ("db", {"type": "s3", "params": {"0": "\n\n"}}), ("db", None)])
@given(st.lists(st.tuples(NAMES, st.none() | DECLARED), max_size=6))
def test_a_file_says_what_was_asked_for_after_any_number_of_edits(
    edits: list[tuple[str, dict[str, Any] | None]],
) -> None:
    text, wanted = FILE, dict(plain(parse_document(FILE, ""))["resources"])
    for name, declared in edits:
        text = edit(text, name, declared)
        wanted.pop(name, None)
        if declared is not None:
            wanted[name] = declared
    said = plain(parse_document(text, ""))
    assert (said.get("resources") or {}) == wanted
    assert said["environments"] == {"prod": {"variables": {"A": "1"}}}
    assert "# the version" in text
