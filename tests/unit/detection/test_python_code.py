from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.python_code import find, module_of
from roadbed.detection.tree import TreeOfTexts


@pytest.mark.parametrize(
    ("path", "text", "kind", "target", "line"),
    [
        ("main.py", "from fastapi import FastAPI\n\napp = FastAPI()\n", "asgi", "main:app", 3),
        (
            "src/orders/api.py",
            "import fastapi\napi: object = fastapi.FastAPI(title='x')\n",
            "asgi",
            "orders.api:api",
            2,
        ),
        ("app/main.py", "from flask import Flask as F\nweb = F(__name__)\n", "wsgi", "app.main:web", 2),
        (
            "shop/__init__.py",
            "from flask import Flask\ndef create_app(config=None):\n  return Flask('x')\n",
            "wsgi",
            "shop:create_app",
            2,
        ),
        ("app.py", "from starlette.applications import Starlette\napp = Starlette()\n", "asgi", "app:app", 2),
        ("tasks.py", "import celery\nqueue = celery.Celery('x')\n", "celery", "tasks:queue", 2),
        ("dashboard.py", "import streamlit as st\nst.title('x')\n", "streamlit", "dashboard:", 1),
        (
            "server.py",
            "from http.server import ThreadingHTTPServer\n\nif 1:\n    ThreadingHTTPServer(('', 1), 0)\n",
            "http.server",
            "server:",
            4,
        ),
    ],
)
def test_what_can_be_run(path: str, text: str, kind: str, target: str, line: int) -> None:
    (found,) = find(TreeOfTexts({path: text}))
    assert (found.kind, found.target, found.place.file, found.place.line) == (kind, target, path, line)
    assert found.says == text.splitlines()[line - 1].strip()


@pytest.mark.parametrize(
    "text",
    [
        "from mine import FastAPI\napp = FastAPI()\n",
        "def f():\n    from fastapi import FastAPI\n    app = FastAPI()\n",
        "from flask import Flask\ndef create_app(config):\n    return Flask('x')\n",
        "app = FastAPI(",
        "\0",
        "apps = [1]\napps[0] = 5\n",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert find(TreeOfTexts({"main.py": text})) == []


def test_what_a_module_holds_goes_before_a_function_that_would_make_another() -> None:
    text = "from flask import Flask\ndef create_app(config=None):\n    return Flask('x')\n\napp = create_app()\n"
    first, second = find(TreeOfTexts({"app.py": text}))
    assert (first.target, first.kind, first.factory, first.place.line) == ("app:app", "wsgi", False, 5)
    assert (second.target, second.factory) == ("app:create_app", True)


def test_a_function_of_any_name_makes_what_it_makes() -> None:
    text = "from fastapi import FastAPI\ndef build(settings):\n    return FastAPI()\nserver = build({})\n"
    (found,) = find(TreeOfTexts({"main.py": text}))
    assert (found.target, found.kind, found.factory) == ("main:server", "asgi", False)


def test_tests_and_hidden_folders_are_passed_over_and_likely_files_come_first() -> None:
    app = "from fastapi import FastAPI\napp = FastAPI()\n"
    tree = TreeOfTexts(
        dict.fromkeys(("tests/app.py", ".venv/lib/main.py", "zeta.py", "deep/app.py", "main.py", "my-app/main.py"), app)
    )
    assert [found.path for found in find(tree)] == ["main.py", "deep/app.py", "zeta.py"]


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("main.py", "main"),
        ("src/a/b.py", "a.b"),
        ("a/__init__.py", "a"),
        ("__init__.py", "__init__"),
        ("a/b/c.py", "a.b.c"),
    ],
)
def test_modules(path: str, module: str) -> None:
    assert module_of(path) == module


@given(st.text(max_size=200))
def test_no_text_gives_anything_else(text: str) -> None:
    assert isinstance(find(TreeOfTexts({"app.py": text})), list)


def test_what_another_module_makes_is_of_the_framework_that_is_imported() -> None:
    wsgi = "from shop import create_app\nfrom os import environ\napp = create_app(environ['X'])\n"
    made = "from flask import Flask\ndef create_app(config):\n    return Flask('x')\n"
    (found,) = find(TreeOfTexts({"wsgi.py": wsgi, "shop/__init__.py": made}))
    assert (found.kind, found.target, found.place.line) == ("wsgi", "wsgi:app", 3)
    (found,) = find(TreeOfTexts({"wsgi.py": wsgi, "shop/__init__.py": made.replace("flask", "fastapi")}))
    assert (found.kind, found.target) == ("asgi", "wsgi:app")
    assert find(TreeOfTexts({"wsgi.py": wsgi})) == []
