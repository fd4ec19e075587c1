from __future__ import annotations

import re

import pytest

from roadbed.detection.detect import detect
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput

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
