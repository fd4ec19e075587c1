from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.detect import detect
from roadbed.detection.procfile import read_procfile
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput

HEROKU = """\
# what runs
web: gunicorn app:app --bind 0.0.0.0:$PORT   

   // the queue
worker:   celery -A app worker
release: python manage.py migrate
Urgent_Worker: celery -A app worker -Q urgent # only these
"""


def test_a_line_a_process() -> None:
    found = read_procfile(HEROKU)
    assert {name: one.command for name, one in found.processes.items()} == {
        "web": "gunicorn app:app --bind 0.0.0.0:$PORT",
        "worker": "celery -A app worker",
        "urgent-worker": "celery -A app worker -Q urgent # only these",
    }
    assert [one.place.line for one in found.processes.values()] == [2, 5, 7]
    assert [one.public for one in found.processes.values()] == [True, False, False]
    assert found.processes["web"].release == "python manage.py migrate"
    assert [note.message for note in found.unmapped] == ["'Urgent_Worker' is called 'urgent-worker' here"]


def test_the_last_of_two_is_taken_and_said_so() -> None:
    found = read_procfile("web: one\nweb: two\n")
    assert found.processes["web"].command == "two"
    assert [(note.message, note.line) for note in found.unmapped] == [
        ("'web' stands here and in line 1; this one is taken", 2)
    ]


def test_a_release_alone_waits_for_what_the_code_runs() -> None:
    web = read_procfile("release: ./migrate\n").processes["web"]
    assert (web.command, web.release) == (None, "./migrate")


def test_one_that_names_no_process_is_what_is_wrong() -> None:
    with pytest.raises(InvalidInput) as told:
        detect(TreeOfTexts({"Procfile": "# none yet\n"}))
    assert str(told.value.problem) == "Procfile: it names no process"


@pytest.mark.parametrize("empty", ["", "\n \n", "# nothing\n", "   "])
def test_nothing_in_it_is_no_error(empty: str) -> None:
    assert read_procfile(empty).processes == {}


def test_one_letter_is_a_name() -> None:
    found = read_procfile("W: work\n")
    assert [(one.name, one.command) for one in found.processes.values()] == [("w-1", "work")]
    assert [problem.message for problem in found.unmapped] == ["'W' is called 'w-1' here"]


def test_every_line_that_is_none_is_told() -> None:
    with pytest.raises(InvalidInput) as told:
        read_procfile("web gunicorn\nok: fine\n<<<<<<< HEAD\nx-: a hyphen\nempty:\n-a: x\n")
    problems = told.value.problems
    assert [problem.line for problem in problems] == [1, 3, 4, 5, 6]
    assert "this is no process: 'web gunicorn'" in problems[0].message
    assert "'x-' can't be the name of a workload" in problems[2].message


@given(st.text(max_size=300))
def test_no_text_gives_anything_else(text: str) -> None:
    try:
        found = read_procfile(text)
    except InvalidInput:
        return
    assert all(one.command and one.command == one.command.strip() for one in found.processes.values())


@pytest.mark.parametrize(
    ("web", "told"), [("uvicorn app:app", True), ("alembic upgrade head && uvicorn app:app", False)]
)
def test_migrations_that_nobody_runs_are_told(web: str, told: bool) -> None:
    files = {
        "Procfile": f"web: {web}\n",
        "app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        "requirements.txt": "fastapi\nuvicorn\nalembic\n",
        "alembic.ini": "[alembic]\n",
        "alembic/env.py": "import os\nos.environ['DATABASE_URL']\n",
        "alembic/versions/1.py": "",
    }
    said = [note.message for note in detect(TreeOfTexts(files)).notes]
    assert ("nothing runs `alembic upgrade head` before a release" in said) is told
