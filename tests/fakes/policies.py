"""Policies that say what a test wants said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from roadbed.kit.errors import NotFound
from roadbed.policy.domain import Case, Judgement, Verdict
from roadbed.storage.call import Call
from roadbed.workload.reader import nearest


class FakePolicies:
    """`answers` are given one after the other, the last one for good; without any, policies are content.

    `cases` are what was judged. `again` is what built-in ones say as an apply begins.
    """

    again: Sequence[Verdict] = ()
    known: Sequence[str] = ()

    def __init__(self, *answers: Judgement) -> None:
        self.answers: Sequence[Judgement] = answers or (Judgement(),)
        self.cases: list[Case] = []

    def say(self, *verdicts: Verdict) -> None:
        self.answers = (Judgement(verdicts),)

    async def judge(self, call: Call, case: Case) -> Judgement:
        self.cases.append(case)
        return self.answers[min(len(self.cases), len(self.answers)) - 1]

    async def book(self, call: Call) -> Any:
        """Knows the policies that have said something, and `known`."""
        named = {verdict.policy for answer in self.answers for verdict in answer.verdicts} | {*self.known}
        return _Book(named)

    async def judge_again(self, call: Call, case: Case) -> Sequence[Verdict]:
        return self.again


class _Book:
    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def get(self, name: str) -> None:
        if name not in self._names:
            raise NotFound(f"there is no policy {name!r}", hint=nearest(name, self._names))
