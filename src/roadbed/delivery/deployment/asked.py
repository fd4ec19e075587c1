"""What a deployment is asked to do: the input of its operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from roadbed.delivery.domain import SettingsChange
from roadbed.kit.names import StackName


@dataclass(frozen=True, slots=True)
class DeploymentInput:
    """What the operation is asked to do. `source` None takes the source of the release in force.

    `rollback_to` takes source and settings from that release, and runs no release command. Without `delete_data`
    nothing is deleted that holds data; with it, `final_backups` says whether that is backed up before.
    `rotates` are the URNs of resources that get new credentials before, and lose the old ones once all went well.
    """

    application: str
    environment: str
    source: str | None = None
    change: SettingsChange = field(default_factory=SettingsChange)
    rollback_to: int | None = None
    message: str | None = None
    delete_data: bool = False
    final_backups: bool = True
    rotates: Sequence[str] = ()

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        return cls(**{**document, "change": SettingsChange.from_dict(document["change"])})

    def to_dict(self) -> dict[str, Any]:
        return {
            "application": self.application,
            "environment": self.environment,
            "source": self.source,
            "change": self.change.to_dict(),
            "rollback_to": self.rollback_to,
            "message": self.message,
            "delete_data": self.delete_data,
            "final_backups": self.final_backups,
            "rotates": list(self.rotates),
        }

    @property
    def stack(self) -> StackName:
        return StackName(self.application, self.environment)
