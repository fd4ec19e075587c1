"""Operations on stacks: what they are given, and how they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from roadbed.control.domain import Operation
from roadbed.control.service import Operations
from roadbed.engine.service import StackInfo
from roadbed.kit.names import StackName
from roadbed.platform.domain import DriftAction
from roadbed.stacks.domain import Declared
from roadbed.stacks.sources import Resolved
from roadbed.storage.call import Call

APPLY, REFRESH, DRIFT = "stack.apply", "stack.refresh", "stack.drift"


@dataclass(frozen=True, slots=True)
class StackInput:
    """What an operation on a stack is told. The owner is the operation's own."""

    stack: str
    kind: str
    declared: Declared
    release: int | None = None

    @classmethod
    def of(cls, stack: Resolved) -> Self:
        return cls(stack.name, stack.info.kind, stack.declared, stack.release)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)

    def info(self, owner: str | None) -> StackInfo:
        return StackInfo(StackName.parse(self.stack), owner, self.kind)


@dataclass(frozen=True, slots=True)
class ApplyInput(StackInput):
    """`ends`: nothing is left of the stack afterwards. `changes` counts the steps that do something."""

    plan: int = 0
    changes: int = 0
    ends: bool = False


@dataclass(frozen=True, slots=True)
class DriftInput(StackInput):
    action: DriftAction = "report"


async def enqueue(
    operations: Operations, call: Call, kind: str, title: str, stack: Resolved, asked: StackInput, *, lock: bool = True
) -> Operation:
    """With the lock that the stack's deployments take, unless nothing is changed."""
    return await operations.enqueue(
        call,
        kind=kind,
        title=title,
        target=stack.info.target,
        input=asdict(asked),
        lock=stack.name if lock else None,
        steps=STEPS[kind],
    )


STEPS: Mapping[str, tuple[tuple[str, str], ...]] = {
    APPLY: (("apply", "Applying"),),
    REFRESH: (("refresh", "Reading what there is"),),
    DRIFT: (("read", "Reading what there is"),),
}
