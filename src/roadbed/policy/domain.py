"""What a policy finds."""

from __future__ import annotations

from dataclasses import dataclass

from roadbed.sdk.policies import Level


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding on one resource of a plan. `resource` is its URN; `remedy` says what to do."""

    policy: str
    level: Level
    resource: str
    message: str
    remedy: str
