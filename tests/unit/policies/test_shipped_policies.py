"""Every policy that ships with its refused and its passed cases, and more of them by table."""

from __future__ import annotations

import pytest

from policy_packs import shipped
from policy_pages import PAGE, page
from roadbed.sdk.examples import Outcome, outcomes


@pytest.mark.parametrize("case", list(outcomes(shipped())), ids=str)
def test_every_policy_goes_as_its_cases_say(case: Outcome) -> None:
    assert case.wrong is None


def test_the_reference_tells_of_all_of_them() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python tests/policy_pages.py"
