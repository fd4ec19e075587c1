"""What the engine must be told of a stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from roadbed.engine.domain import Plan
from roadbed.kit.access import Target
from roadbed.kit.names import StackName
from roadbed.policy.domain import Need
from roadbed.providers.driver import Desired, Provider, Report
from roadbed.storage.call import Call


@dataclass(frozen=True, slots=True)
class StackInfo:
    """Whose it is, and the kind of its environment."""

    name: StackName
    owner: str | None
    kind: str

    @property
    def target(self) -> Target:
        return Target("stack", str(self.name), self.owner, self.name.environment, {"kind": self.kind})


class Gate(Protocol):
    """Who knows whether those have approved a plan who must."""

    async def check(self, call: Call, stack: StackInfo, plan: Plan) -> None:
        """Raises NotApproved for a plan that waits for somebody. Its verdicts are as they are by now."""
        ...

    async def needs(self, call: Call, stack: StackInfo, plan: Plan) -> tuple[Need, ...]:
        """Who must approve it before it is applied."""
        ...


class LastKeeper(Protocol):
    """Who keeps what is about to be deleted for a while."""

    async def before_deletion(
        self, provider: Provider, desired: Desired, id: str, kind: str, by: str, report: Report
    ) -> None:
        """Of a resource that holds data, in an environment of a `kind`. What it raises keeps the deletion from being
        done.
        """
        ...


class SecretStore(Protocol):
    """Who holds the secrets that a stack's graph names: id → sealed value."""

    async def held(self, call: Call, stack: StackInfo) -> Mapping[str, str]: ...
