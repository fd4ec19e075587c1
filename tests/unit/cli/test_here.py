"""What a directory's own files call the application."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadbed.cli.here import application_in, names_score_files
from roadbed.kit.errors import InvalidInput

NAMED = "apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {name: orders}\n"


@pytest.mark.parametrize("file", ["roadbed.yaml", "roadbed.yml"])
def test_a_file_is_read_by_either_ending(file: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(NAMED + "workloads: {web: {score: web.yaml}}\n")
    (tmp_path / "score.yml").write_text("apiVersion: score.dev/v1b1\nmetadata: {name: web}\n")
    assert application_in(tmp_path) == "orders"
    assert names_score_files(tmp_path)
    (tmp_path / file).unlink()
    assert application_in(tmp_path) == "web"
    assert not names_score_files(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\0" * 20, "control characters"), (b"x" * 2_000_000, "more than 1 MB"), (b"a: [", "is no YAML")],
)
def test_what_is_no_such_file_is_told_in_plain_words(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "score.yaml").write_bytes(content)
    with pytest.raises(InvalidInput, match=says) as refused:
        application_in(tmp_path)
    assert "unicode string" not in refused.value.message
    assert refused.value.problem.file == "score.yaml"
