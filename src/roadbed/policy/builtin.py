"""Policies that Roadbed brings itself, because they ask what no program in the sandbox may see: other stacks, prices.

They are named, configured, waived and told of like any other; only who runs them differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from roadbed.platform.packs import BUILT_IN, Pack
from roadbed.policy.domain import Case, Effective, PolicyInfo, Verdict
from roadbed.storage.call import Call

PACK = Pack(
    BUILT_IN, Path(__file__).parent, description="What Roadbed judges itself: it asks about all of a team's stacks."
)


class BuiltIn(Protocol):
    """`info.pack` is `BUILT_IN`. What it says may have changed since a plan was made: it is asked again as its apply
    begins.
    """

    @property
    def info(self) -> PolicyInfo: ...

    async def judge(self, call: Call, case: Case, meant: Effective) -> Sequence[Verdict]:
        """Raises InvalidInput for a file that it can't read: nothing is judged by half."""
        ...

    def outcomes(self) -> Sequence[Mapping[str, Any]]:
        """How its cases go, as `roadbed.sdk.host` answers for those of programs."""
        ...
