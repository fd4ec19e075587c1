from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.domain import Reading
from roadbed.detection.railway import read_railway
from roadbed.kit.errors import InvalidInput

FILE = """\
{
  "$schema": "https://railway.com/railway.schema.json",
  "build": {"builder": "RAILPACK", "buildCommand": "npm run build", "dockerfilePath": "ops/Dockerfile"},
  "deploy": {
    "startCommand": "node server.js", "preDeployCommand": ["npm run migrate", "npm run seed"],
    "numReplicas": 2, "healthcheckPath": "/health", "healthcheckTimeout": 100, "cronSchedule": null,
  },
  "environments": {"staging": {}}
}
"""
AS_TOML = """\
[build]
buildCommand = "npm run build"
[deploy]
startCommand = "python report.py"
cronSchedule = "0 3 * * *"
"""


def test_one_service() -> None:
    found = read_railway(FILE)
    web = found.processes["web"]
    assert (web.command, web.public, web.replicas, web.build) == ("node server.js", True, 2, "npm run build")
    assert web.release == "npm run migrate && npm run seed"
    assert [(check.kind, check.path) for check in web.checks] == [("readiness", "/health")]
    assert [(problem.message, problem.line) for problem in found.unmapped] == [
        ("environments says nothing here", 8),
    ]


def test_the_same_as_toml_and_by_schedule() -> None:
    found = read_railway(AS_TOML, "railway.toml")
    job = found.processes["job"]
    assert (job.command, job.schedule, job.public, job.build) == (
        "python report.py",
        "0 3 * * *",
        False,
        "npm run build",
    )


def test_an_empty_file_says_that_there_is_a_service() -> None:
    assert read_railway("{}").processes["web"].command is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"deploy": {"numReplicas": "two"}}', "deploy.numReplicas must be a whole number"),
        ('{"deploy": []}', "deploy must be a mapping"),
        ('{"deploy": {"preDeployCommand": [1]}}', "deploy.preDeployCommand[0] must be text"),
    ],
)
def test_what_is_wrong_is_told(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as told:
        read_railway(text)
    assert says in "; ".join(problem.message for problem in told.value.problems or (told.value.problem,))


@given(st.text(max_size=200), st.sampled_from(["railway.json", "railway.toml"]))
def test_no_text_gives_anything_else(text: str, file: str) -> None:
    try:
        assert isinstance(read_railway(text, file), Reading)
    except InvalidInput as error:
        assert error.problem.file == file  # noqa: PT017
