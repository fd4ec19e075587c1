"""Policies that say what a test wants said."""

from __future__ import annotations

from collections.abc import Sequence

from roadbed.policy.domain import Case, Judgement, Verdict
from roadbed.storage.call import Call


class FakePolicies:
    """`answers` are given one after the other, the last one for good; without any, policies are content.

    `cases` are what was judged. `again` is what built-in ones say as an apply begins.
    """

    again: Sequence[Verdict] = ()

    def __init__(self, *answers: Judgement) -> None:
        self.answers: Sequence[Judgement] = answers or (Judgement(),)
        self.cases: list[Case] = []

    def say(self, *verdicts: Verdict) -> None:
        self.answers = (Judgement(verdicts),)

    async def judge(self, call: Call, case: Case) -> Judgement:
        self.cases.append(case)
        return self.answers[min(len(self.cases), len(self.answers)) - 1]

    async def judge_again(self, call: Call, case: Case) -> Sequence[Verdict]:
        return self.again
