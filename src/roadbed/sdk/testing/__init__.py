"""The conformance suite of providers: what the engine relies on, tried on a real provider.

With pytest-asyncio:

    from roadbed.sdk.testing import CHECKS, Case, Check

    @pytest.mark.parametrize("check", CHECKS, ids=str)
    async def test_it_keeps_the_rules(check: Check) -> None:
        await check(Case(MyProvider(), "my:Type", {"size": 1}, changed={"size": 2}))

or without, by `asyncio.run(check(case))`. A rule that is broken is a `Violation`, an AssertionError that says which; a
rule that does not apply to the type is passed over. Every check makes things under names of its own and removes them.
"""

from __future__ import annotations

from roadbed.sdk.testing.answers import Violation, check_answer
from roadbed.sdk.testing.case import Case
from roadbed.sdk.testing.checks import CHECKS, Check

__all__ = ["CHECKS", "Case", "Check", "Violation", "check_answer"]
