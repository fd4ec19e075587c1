from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.versions import Asked, lacking, matches, remarks
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
        ("ruby", "~> 3.2", "3.3.0", None),
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


def test_a_language_that_is_not_there_is_said() -> None:
    (said,) = lacking({"go": HERE, "node": HERE}, {"node": ("20",)})
    assert said.message == "this needs Go, which is not on this machine"


@given(st.sampled_from(["python", "node", "go", "ruby"]), st.text("0123456789.^~<>=|- xv*,", max_size=20))
def test_no_range_is_too_odd(language: str, range_: str) -> None:
    assert matches(Asked(language, range_, HERE), "3.11.7") in (True, False, None)
