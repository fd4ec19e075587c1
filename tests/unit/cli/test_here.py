"""Commands inside a directory know its application: by its files, or by what a deploy of it would call it."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadbed.cli.here import application_or_here, names_score_files
from roadbed.kit.errors import InvalidInput

CODE = 'from fastapi import FastAPI\n\napp = FastAPI(title="Greeter")\n'


def test_a_name_goes_before_what_the_directory_says(tmp_path: Path) -> None:
    (tmp_path / "score.yaml").write_text("metadata: {name: orders}\n")
    assert application_or_here("other", tmp_path) == "other"
    assert application_or_here(None, tmp_path) == "orders"


def test_a_directory_without_a_score_file_is_called_what_a_deploy_calls_it(tmp_path: Path) -> None:
    source = tmp_path / "greeter"
    source.mkdir()
    (source / "main.py").write_text(CODE)
    (source / "requirements.txt").write_text("fastapi\nuvicorn\n")
    assert application_or_here(None, source) == "greeter"


def test_a_directory_that_runs_nothing_is_said_to_describe_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(InvalidInput, match="describes none"):
        application_or_here(None, tmp_path)


def test_a_score_file_that_leads_out_of_the_tree_is_named(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "score.yaml").symlink_to("/etc/hostname")
    with pytest.raises(InvalidInput, match="a link that leaves the source tree") as refused:
        application_or_here(None, source)
    assert refused.value.problem.file == "score.yaml"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("workloads: {web: {score: web/score.yaml}}", True),
        ("workloads: {web: {release: [migrate]}}", False),
        ("workloads: [web]", False),
        ("metadata: {name: orders}", False),
        ("workloads: {", False),
        ("- 1", False),
    ],
)
def test_a_roadbed_yaml_may_name_score_files(tmp_path: Path, text: str, names: bool) -> None:
    assert not names_score_files(tmp_path)
    (tmp_path / "roadbed.yaml").write_text(text)
    assert names_score_files(tmp_path) is names
