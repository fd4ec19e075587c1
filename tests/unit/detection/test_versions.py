from __future__ import annotations

import platform
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.detect import detect
from roadbed.detection.languages import Languages
from roadbed.detection.tree import TreeOfTexts
from roadbed.detection.versions import Asked, lacking, matches, remarks
from roadbed.kit.programs import installed
from roadbed.workload.document import Place

HERE = Place("f", 1, 1)


@pytest.mark.parametrize(
    ("language", "range_", "has", "fits"),
    [
        ("python", "python-3.11.9", "3.11.7", True),
        ("python", "3.12", "3.11.7", False),
        ("python", ">=3.10,<3.13", "3.11.7", True),
        ("python", "^3.11", "3.13.0", True),
        ("python", "^3.12", "3.11.7", False),
        ("python", "~3.11", "3.11.7", True),
        ("python", "==3.9.*", "3.11.7", False),
        ("python", "pypy3.10", "3.11.7", None),
        ("node", "v22.4.0", "20.20.2", False),
        ("node", "20.1.0", "20.20.2", True),
        ("node", ">=18", "20.20.2", True),
        ("node", "18.x || 20.x", "20.20.2", True),
        ("node", "^18.2 || >20", "20.20.2", False),
        ("node", ">=18 <20", "20.20.2", False),
        ("node", "18 - 22", "20.20.2", True),
        ("node", "<=20", "20.20.2", True),
        ("node", "~20.19", "20.20.2", False),
        ("node", "^0.12.3", "0.13.0", False),
        ("node", "*", "20.20.2", True),
        ("node", "lts/*", "20.20.2", True),
        ("node", "lts/hydrogen", "20.20.2", None),
        ("go", ">=1.22", "1.23.4", True),
        ("ruby", "~> 3.2", "3.3.0", True),
        ("ruby", "~> 3.2", "4.0.0", False),
        ("ruby", "~> 3.2.1", "3.3.0", False),
        ("ruby", ">= 3.1, < 3.3", "3.2.2", True),
        ("ruby", "ruby-3.3.5", "3.3.1", True),
    ],
)
def test_whether_a_version_fits(language: str, range_: str, has: str, fits: bool | None) -> None:
    assert matches(Asked(language, range_, HERE), has) is fits


def test_what_is_lacked_is_said_once_with_what_is_used() -> None:
    wanted = [Asked("python", "3.12", HERE), Asked("node", ">=18", HERE), Asked("ruby", "3.3", HERE)]
    (said,) = remarks(wanted, {"python": ("3.11.7", "3.10"), "node": ("20.1.0",)})
    assert said.message == "this asks for Python 3.12; this machine has 3.11.7 (and 3.10), and 3.11.7 is used"
    assert said.hint == "install Python 3.12 on the platform's machine, or ask for 3.11.7 here"
    assert remarks(wanted, {"python": ("3.11.7", "3.12")}) == []
    (unread,) = remarks([Asked("python", "jython", HERE)], {"python": ("3.11.7",)})
    assert unread.message == "'jython' is no version of Python that is known here; 3.11.7 is used"


def test_what_a_gemfile_asks_for_is_had_exactly_or_refused_by_bundler() -> None:
    machine = {"ruby": ("3.1.2",)}
    place = Place("Gemfile", 2, 1)
    (said,) = remarks([Asked("ruby", "3.1.0", place)], machine)
    assert said.message == "this asks for Ruby 3.1.0; this machine has 3.1.2, and Bundler refuses another"
    assert remarks([Asked("ruby", "3.1.2", place), Asked("ruby", "3.1.0", HERE)], machine) == []


def test_a_language_that_is_not_there_is_said() -> None:
    (said,) = lacking({"go": HERE, "node": HERE}, {"node": ("20",)})
    assert said.message == "this needs Go, which is not on this machine"


@given(st.sampled_from(["python", "node", "go", "ruby"]), st.text("0123456789.^~<>=|- xv*,", max_size=20))
def test_no_range_is_too_odd(language: str, range_: str) -> None:
    assert matches(Asked(language, range_, HERE), "3.11.7") in (True, False, None)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        (
            "Dockerfile",
            "FROM --platform=x python:3.12-slim AS a\nCMD python app.py\n",
            "Dockerfile:1:1: this asks for Python 3.12;",
        ),
        ("Dockerfile", "FROM golang:1.21\nCMD python app.py\n", ""),
        ("Dockerfile", "FROM library/node:22\nCMD python app.py\n", "Dockerfile:1:1: this asks for Node 22;"),
        (
            "render.yaml",
            "services:\n- type: web\n  name: a-web\n  startCommand: python app.py\n"
            "  envVars:\n  - key: PYTHON_VERSION\n    value: 3.12.1\n",
            "render.yaml:6:5: this asks for Python 3.12.1;",
        ),
    ],
)
def test_versions_that_other_platforms_are_told(file: str, text: str, says: str) -> None:
    machine = {"python": ("3.11.7",), "node": ("20.1.0",), "go": ("1.22.0",)}
    found = detect(TreeOfTexts({file: text, "app.py": "print(1)\n"}), machine=machine)
    said = [str(note) for note in found.notes if "asks for" in note.message]
    assert len(said) == (1 if says else 0)
    assert all(one.startswith(says) for one in said)


def test_a_program_that_can_not_run_is_no_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyenv puts one on the PATH for each version that it knows of, whether that is chosen or not."""
    for name, script in (
        ("python3.9", "cd -P . && [ $PWD != / ] && echo Python 3.9.1"),
        ("python3.14", "echo Python 3.14.2"),
        ("node", "echo v20.1.0"),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    installed.cache_clear()
    try:
        machine = {language: list(versions) for language, versions in Languages().items()}
    finally:
        installed.cache_clear()
    assert machine == {"python": [platform.python_version(), "3.14.2"], "node": ["20.1.0"]}
