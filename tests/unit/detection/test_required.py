from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.detect import detect
from roadbed.detection.python_reads import reads_in
from roadbed.detection.required import required
from roadbed.detection.tree import TreeOfTexts

ALL = (".py", ".js", ".ts")


@pytest.mark.parametrize(
    ("text", "must", "may"),
    [
        ("import os\nA = os.environ['STRIPE_KEY']\n", ["STRIPE_KEY"], []),
        ("from os import environ\nclass C:\n    a = int(environ['MAIL_FROM'])\n", ["MAIL_FROM"], []),
        ("A = os.getenv('STRIPE_KEY')\n", [], ["STRIPE_KEY"]),
        ("A = os.environ.get('STRIPE_KEY', '')\nB = os.getenv('MAIL_FROM', None)\n", [], []),
        ("A = os.getenv('STRIPE_KEY') or 'x'\nB = os.environ.get('STAGE') == 'a'\n", [], []),
        ("def f():\n    return os.environ['STRIPE_KEY']\n", [], ["STRIPE_KEY"]),
        ("try:\n    A = os.environ['STRIPE_KEY']\nexcept KeyError:\n    A = None\n", [], ["STRIPE_KEY"]),
        ("if X:\n    A = os.environ['STRIPE_KEY']\n", [], ["STRIPE_KEY"]),
        ("A = os.environ['STRIPE_KEY'] if X else 1\n", [], ["STRIPE_KEY"]),
        ("os.environ['STRIPE_KEY'] = 'a'\nB = os.environ['STRIPE_KEY']\n", [], []),
        ("os.environ.setdefault('STRIPE_KEY', 'a')\nB = os.environ['STRIPE_KEY']\n", [], []),
        ("A = env('STRIPE_KEY')\nB = env.list('HOSTS_OF', default=[])\n", ["STRIPE_KEY"], []),
        ("C = env.bool('FLAG_A')\n", ["FLAG_A"], []),
        ("env = environ.Env(FLAG_A=(bool, False))\nB = env('FLAG_A')\n", [], []),
        ("A = config('STRIPE_KEY')\nB = config('FLAG_A', default=1, cast=bool)\n", ["STRIPE_KEY"], []),
        ("class S(BaseSettings):\n  stripe_key: str\n  level: str = 'a'\n  dsn: str | None\n", ["STRIPE_KEY"], []),
        ("class S(BaseSettings):\n  model_config = Dict(env_prefix='APP_')\n  key_of: str\n", ["APP_KEY_OF"], []),
        ("A = os.environ['PORT']\nB = os.environ['HOME']\nC = os.environ['lower']\n", [], []),
    ],
)  # fmt: skip
def test_python(text: str, must: list[str], may: list[str]) -> None:
    found = required(TreeOfTexts({"app.py": text}), ALL)
    assert ([n for n, one in found.items() if one.required], [n for n, one in found.items() if not one.required]) == (
        must,
        may,
    )


@pytest.mark.parametrize(
    ("text", "must", "may"),
    [
        ("const stripe = Stripe(process.env.STRIPE_SECRET_KEY)\n", ["STRIPE_SECRET_KEY"], []),
        ("const a = process.env.STRIPE_SECRET_KEY || 'x'\nconst b = process.env['API_TOKEN'] ?? 1\n", [], []),
        ("if (!process.env.API_TOKEN) throw 1\nif (process.env.MODE_A === 'b') {}\n", [], []),
        ("function f() {\n  return process.env.API_TOKEN\n}\n", [], ["API_TOKEN"]),
        ("const from = process.env.MAIL_FROM\n", [], ["MAIL_FROM"]),
        ("// process.env.API_TOKEN\nprocess.env.API_TOKEN = 'a'\nlisten(process.env.PORT)\n", [], []),
    ],
)  # fmt: skip
def test_javascript(text: str, must: list[str], may: list[str]) -> None:
    found = required(TreeOfTexts({"app.js": text}), ALL)
    assert ([n for n, one in found.items() if one.required], [n for n, one in found.items() if not one.required]) == (
        must,
        may,
    )


def test_where_and_what_a_file_of_values_says() -> None:
    files = {
        "a/settings/local.py": "A = env('LOCAL_KEY')\n",
        "a/b.py": "\nB = env('BRAVO_KEY')\nC = env('CHARLIE_KEY')\n",
    }
    found = required(TreeOfTexts({**files, ".env": "CHARLIE_KEY=1\n"}), ALL)
    assert {name: (one.place.file, one.place.line, one.origin) for name, one in found.items()} == {
        "BRAVO_KEY": ("a/b.py", 2, "asked")
    }


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    list(reads_in(text))


def test_what_a_dockerfile_gives_beside_a_procfile_is_not_asked_for() -> None:
    code = """\
import os


def home():
    return os.environ["GREETING"], os.environ["API_TOKEN"], os.getenv("DEBUG", "0")
"""
    files = {"Procfile": "web: python web.py\n", "web.py": code, "requirements.txt": "flask\n"}
    image = "FROM python:3.11\nENV GREETING=hello API_TOKEN=none DEBUG=1 OTHER=2\n"
    found = detect(TreeOfTexts({**files, "Dockerfile": image}))
    given = {name: (one.origin, one.value) for name, one in found.variables.items()}
    assert given == {"GREETING": ("value", "hello"), "API_TOKEN": ("asked", None)}
