from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadbed.detection.listening import as_one_process, as_words, listens_on_port


@pytest.mark.parametrize(
    ("command", "port", "told"),
    [
        ("gunicorn app:app", None, "gunicorn app:app"),
        ("gunicorn -b 0.0.0.0:8000 app:app", None, "gunicorn -b 0.0.0.0:$PORT app:app"),
        ("gunicorn --bind=:8000 app:app", None, "gunicorn --bind=:$PORT app:app"),
        ("uvicorn a:b --port 80 --workers 80", None, "uvicorn a:b --port $PORT --workers 80"),
        ("uvicorn a:b --port ${PORT:-80}", 80, "uvicorn a:b --port ${PORT:-80}"),
        ("uvicorn a:b", None, "uvicorn a:b --host ${HOST:-0.0.0.0} --port $PORT"),
        ("flask run", None, "flask run --host ${HOST:-0.0.0.0} --port $PORT"),
        ("flask run -p 5000", None, "flask run -p $PORT"),
        ("python manage.py runserver", None, "python manage.py runserver ${HOST:-0.0.0.0}:$PORT"),
        ("python manage.py runserver 0.0.0.0:8000", None, "python manage.py runserver 0.0.0.0:$PORT"),
        ("python manage.py migrate && python manage.py runserver 8000", None,
         "python manage.py migrate && python manage.py runserver $PORT"),
        ("streamlit run a.py --server.port=8501", None, "streamlit run a.py --server.port=$PORT"),
        ("server --on :9000", 9000, "server --on :$PORT"),
        ("server --on 9001", 9000, "server --on 9001"),
        ("sh -c 'uvicorn a:b --port 80'", None, "sh -c 'uvicorn a:b --port 80'"),
        ("uvicorn a:b; echo", None, "uvicorn a:b; echo"),
        ("node server.js", 3000, "node server.js"),
    ],
)  # fmt: skip
def test_a_server_is_told_to_listen_on_port(command: str, port: int | None, told: str) -> None:
    assert listens_on_port(command, port) == told


@pytest.mark.parametrize(
    ("line", "folder", "run"),
    [
        ("node a.js", ".", "exec node a.js"),
        (" exec node a.js ", "./", "exec node a.js"),
        ("A=1 node a.js", ".", "exec env A=1 node a.js"),
        ("./migrate && node a.js", ".", "./migrate && exec node a.js"),
        ("cd web && node a.js", ".", "cd web && exec node a.js"),
        ("node a.js | tee log", ".", "node a.js | tee log"),
        ("node a.js & wait", ".", "node a.js & wait"),
        ("node a.js", "./my app", "cd 'my app' && exec node a.js"),
        ("cd web", ".", "cd web"),
        ("a &&", ".", "a &&"),
    ],
)
def test_signals_reach_the_program(line: str, folder: str, run: str) -> None:
    assert as_one_process(line, folder) == run


@pytest.mark.parametrize(
    ("line", "folder", "words"),
    [
        ("python manage.py migrate", ".", ["python", "manage.py", "migrate"]),
        ("./bin/up", ".", ["sh", "-c", "exec ./bin/up"]),
        ("a $B", ".", ["sh", "-c", "exec a $B"]),
        ("python x.py", "web", ["sh", "-c", "cd web && exec python x.py"]),
    ],
)
def test_a_shell_only_where_one_is_needed(line: str, folder: str, words: list[str]) -> None:
    assert as_words(line, folder) == words


@settings(max_examples=12)
@given(
    st.lists(
        st.sampled_from(["true", "echo a", "A=1 echo $A", "cd /", "echo 'a b'", "false", "(echo x)"]),
        min_size=1,
        max_size=3,
    )
)
def test_it_does_the_same(parts: list[str]) -> None:
    line = " && ".join(parts)
    runs = [subprocess.run(["sh", "-c", one], capture_output=True, check=False) for one in (line, as_one_process(line))]
    assert (runs[0].returncode, runs[0].stdout) == (runs[1].returncode, runs[1].stdout)
