from __future__ import annotations

import pytest

from roadbed.detection.domain import Process
from roadbed.detection.runners import Scripts, started, without_runners
from roadbed.workload.document import Place

SCRIPTS = Scripts({"serve": "gunicorn shop:app"}, frozenset({"start", "worker"}), frozenset({"pnpm"}))
PLACE = Place("Procfile", 1, 1)


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("uv run uvicorn main:app --port $PORT", "uvicorn main:app --port $PORT"),
        ("uv run --no-sync --frozen -- gunicorn a:b", "gunicorn a:b"),
        ("uv run main.py --fast", "python main.py --fast"),
        ("uv run -m shop.worker", "python -m shop.worker"),
        ("DEBUG=0 exec uv run celery -A a worker", "DEBUG=0 exec celery -A a worker"),
        ("DEBUG=0 uv run celery -A a worker", "DEBUG=0 celery -A a worker"),
        ("uv run --with httpx main.py", "uv run --with httpx main.py"),
        ("poetry run python manage.py migrate && poetry run gunicorn a:b", "python manage.py migrate && gunicorn a:b"),
        ("pipenv run serve", "gunicorn shop:app"),
        ("echo uv run x", "echo uv run x"),
        ("yarn start", "npm start"),
        ("yarn run worker", "npm run worker"),
        ("bun run worker", "npm run worker"),
        ("yarn next start", "next start"),
        ("yarn install", "yarn install"),
        ("bun run index.ts", "bun run index.ts"),
        ("bun index.ts", "bun index.ts"),
        ("pnpm start", "pnpm start"),
        ("pnpm exec tsx a.ts", "pnpm exec tsx a.ts"),
    ],
)
def test_what_a_manager_starts_is_started_without_it(line: str, runs: str) -> None:
    assert started(line, SCRIPTS) == runs
    assert started(runs, SCRIPTS) == runs


def test_it_is_said_at_the_line() -> None:
    web = Process("web", PLACE, "poetry run serve", release="uv run a.py", release_place=Place("Procfile", 2, 1))
    found, notes = without_runners([web], lambda _folder: SCRIPTS)
    assert (found["web"].command, found["web"].release) == ("gunicorn shop:app", "python a.py")
    assert [(one.line, one.message) for one in notes] == [
        (1, "'web': 'poetry run serve' is run as 'gunicorn shop:app'"),
        (2, "'web': 'uv run a.py' is run as 'python a.py'"),
    ]


def test_what_no_build_brings_along_is_named() -> None:
    processes = [Process("web", PLACE, "bun run index.ts"), Process("api", PLACE, "pnpm start", build="yarn install")]
    _, notes = without_runners(processes, lambda _folder: SCRIPTS)
    assert [one.message for one in notes] == ["'web' starts 'bun', which no build here brings along: bun run index.ts"]
