"""Runs the cases that policies bring, from a test: no platform is needed.

import pytest

from roadbed.sdk.testing.policies import Outcome, cases
from roadbed_policies_of_ours import network  # registers its policies

@pytest.mark.parametrize("case", cases(), ids=str)
def test_policy(case: Outcome) -> None:
    assert case.wrong is None
"""

from __future__ import annotations

from roadbed.sdk.examples import Outcome, judged, outcomes
from roadbed.sdk.policies import registered

__all__ = ["Outcome", "cases", "judged"]


def cases(pack: str | None = None) -> list[Outcome]:
    """How every case went of the policies that are registered, or of those of one pack.

    A policy that brings no case that it refuses, or none that it lets pass, has one outcome that says so.
    """
    return list(outcomes(one for one in registered() if pack is None or one.pack == pack))
