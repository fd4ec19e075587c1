"""The door to the policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from roadbed.kit.access import Authorise, Target
from roadbed.platform.service import Platform
from roadbed.policy.domain import Verdict
from roadbed.sdk.policies import Context, PlannedResource
from roadbed.storage.call import Call


class Policies:
    def __init__(self, authorise: Authorise, platform: Platform) -> None:
        self._authorise, self._platform = authorise, platform

    async def judge(self, call: Call, context: Context, resources: Sequence[PlannedResource]) -> tuple[Verdict, ...]:
        """Runs the platform repo's policies in the sandbox. Raises InvalidInput, at its line, for one that raises."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        request = {
            "version": 1,
            "kind": "judge",
            "stack": context.stack,
            "environment": context.environment,
            "environment_kind": context.kind,
            "owner": context.owner,
            "resources": [_as_sent(resource) for resource in resources],
        }
        answer = await self._platform.judge(call, request)
        return tuple(Verdict(**verdict) for verdict in answer["verdicts"])


def _as_sent(resource: PlannedResource) -> dict[str, Any]:
    """Not by `asdict`, which copies every property: there may be thousands of resources."""
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "properties": resource.properties,
        "source": resource.source,
    }
