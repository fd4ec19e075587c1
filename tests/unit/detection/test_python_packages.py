from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.packages import Packages
from roadbed.detection.python_packages import read_packages
from roadbed.detection.tree import TreeOfTexts

PEP621 = """\
[project]
name = "orders"
requires-python = ">=3.11"
dependencies = [
  "FastAPI[standard]>=0.110",
  "psycopg2_binary ; python_version > '3'",
]
[project.scripts]
orders = "orders.cli:main"
"""
POETRY = """\
[tool.poetry]
name = "orders"
[tool.poetry.dependencies]
python = "^3.11"
Flask = "*"
redis = {version = "^5", extras = ["hiredis"]}
[tool.poetry.group.dev.dependencies]
pytest = "*"
"""
PIPFILE = '[packages]\ndjango = "*"\n[dev-packages]\npytest = "*"\n[requires]\npython_version = "3.12"\n'
SETUP_CFG = (
    "[metadata]\nname = orders\n[options]\npython_requires = >=3.9\ninstall_requires =\n    bottle>=0.12\n    PyMySQL\n"
)
SETUP_PY = 'from setuptools import setup\nsetup(name="x", install_requires=["tornado", helper()])\n'


@pytest.mark.parametrize(
    ("texts", "manager", "names", "python", "locked"),
    [
        ({"pyproject.toml": PEP621, "uv.lock": ""}, "uv", {"fastapi": 5, "psycopg2-binary": 6}, ">=3.11", "uv.lock"),
        ({"pyproject.toml": POETRY}, "poetry", {"flask": 5, "redis": 6}, "^3.11", None),
        ({"Pipfile": PIPFILE, "Pipfile.lock": "{}"}, "pipenv", {"django": 2}, "==3.12.*", "Pipfile.lock"),
        ({"setup.cfg": SETUP_CFG, "setup.py": ""}, "setuptools", {"bottle": 6, "pymysql": 7}, ">=3.9", None),
        ({"setup.py": SETUP_PY}, "setuptools", {"tornado": 2}, None, None),
        ({"requirements.txt": "# web\nflask==3\n-e .\ngunicorn\n"}, "pip", {"flask": 2, "gunicorn": 4}, None, None),
        ({"main.py": ""}, "none", {}, None, None),
        ({"pyproject.toml": "[tool.ruff]\n", "requirements.txt": "flask"}, "pip", {"flask": 1}, None, None),
        ({"pyproject.toml": '[project]\nname="x"\n', "requirements.txt": "flask"}, "uv", {"flask": 1}, None, None),
    ],
)
def test_who_manages_what(
    texts: dict[str, str], manager: str, names: dict[str, int], python: str | None, locked: str | None
) -> None:
    found = read_packages(TreeOfTexts(texts))
    assert (found.manager, found.python, found.locked) == (manager, python, locked)
    assert {name: place.line for name, place in found.names.items()} == names


def test_what_requirements_include_is_read_at_its_own_place() -> None:
    texts = {"requirements/prod.txt": "-r base.txt\ngunicorn\n", "requirements/base.txt": "flask\n-r base.txt\n"}
    found = read_packages(TreeOfTexts(texts))
    assert {name: (place.file, place.line) for name, place in found.names.items()} == {
        "flask": ("requirements/base.txt", 1),
        "gunicorn": ("requirements/prod.txt", 2),
    }


def test_the_name_and_the_commands_of_a_project() -> None:
    found = read_packages(TreeOfTexts({"pyproject.toml": PEP621}))
    assert (found.name, found.scripts, found.first("django", "fastapi")) == (
        "orders",
        {"orders": "orders.cli:main"},
        "fastapi",
    )


@given(
    st.dictionaries(
        st.sampled_from(["pyproject.toml", "requirements.txt", "Pipfile", "setup.cfg", "setup.py"]),
        st.text(max_size=120),
    )
)
def test_no_text_gives_anything_else(texts: dict[str, str]) -> None:
    assert isinstance(read_packages(TreeOfTexts(texts)), Packages)
