from __future__ import annotations

import re

import pytest

from roadbed.detection.detect import detect
from roadbed.detection.source import read_application_source
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput
from roadbed.workload.files import from_mapping

SCORE_OF_API = "apiVersion: score.dev/v1b1\nmetadata:\n  name: api\n"


@pytest.mark.parametrize(
    ("files", "message", "hint"),
    [
        (
            {"scoreA.yaml": SCORE_OF_API, "app.py": "from flask import Flask\napp = Flask(__name__)\n"},
            "there is no score.yaml at the root, and nothing says which Score files to take: scoreA.yaml",
            "workloads: {api: {score: scoreA.yaml}}",
        ),
        (
            {"api/score.yaml": SCORE_OF_API, "api/package.json": "{}"},
            "there is no score.yaml at the root, and nothing says which Score files to take: api/score.yaml",
            "workloads: {api: {score: api/score.yaml}}",
        ),
        ({"main.py": "x = 1\napp = FastAPI(\n"}, "main.py:2:14: this can't be read as Python", "mend it"),
        (
            {"pom.xml": ""},
            "there is no Score file here, and pom.xml is of Java, which nothing here can build",
            "Procfile",
        ),
    ],
)
def test_what_is_there_is_named_in_a_refusal(files: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)) as refused:
        detect(TreeOfTexts(files))
    assert hint in (refused.value.problem.hint or "")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, None),
        ({"scoreB.yaml": SCORE_OF_API}, "scoreB.yaml is a Score file that nothing names"),
        ({"a/score.yaml": SCORE_OF_API, "b/s.yml": SCORE_OF_API}, "a/score.yaml, b/s.yml are Score files"),
        ({"values.yaml": "a: 1"}, None),
        (
            {
                "api.yaml": SCORE_OF_API + "containers: {main: {image: .}}",
                "roadbed.yaml": "apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {name: shop}\n"
                "workloads: {web: {}, api: {score: api.yaml}}\n",
            },
            None,
        ),
    ],
)
def test_score_files_that_nothing_names_are_noted(more: dict[str, str], said: str | None) -> None:
    score = SCORE_OF_API.replace("name: api", "name: web") + "containers: {main: {image: .}}"
    files = {"score.yaml": score, **more}
    problems = read_application_source(from_mapping(files), TreeOfTexts(files)).source.problems
    assert [problem.message.startswith(said or "") for problem in problems] == ([True] if said else [])


def test_a_workload_that_is_spoken_of_and_not_named_is_told_with_its_file() -> None:
    score = SCORE_OF_API.replace("name: api", "name: web") + "containers: {main: {image: .}}\n"
    other = "resources: {api: {type: service-port, params: {workload: api, port: http}}}\n"
    files = {"score.yaml": score + other, "api.score.yaml": SCORE_OF_API}
    with pytest.raises(InvalidInput, match=r"score\.yaml:5:.*'api' is of api\.score\.yaml, which nothing") as refused:
        read_application_source(from_mapping(files), TreeOfTexts(files))
    assert "workloads: {web: {score: score.yaml}, api: {score: api.score.yaml}}" in (refused.value.problem.hint or "")
