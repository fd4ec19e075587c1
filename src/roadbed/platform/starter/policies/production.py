"""What is expected of production. An advisory policy warns in the plan; a mandatory one stops it."""

from __future__ import annotations

from collections.abc import Iterator

from roadbed.sdk import policy
from roadbed.sdk.policies import Context, Example, Finding, PlannedResource


@policy(
    "two-replicas-in-production",
    types="runtime:Service",
    reason="With one replica a service is gone for as long as that one takes to come back.",
    refuses=Example("runtime:Service", {"replicas": 1}),
    passes=[Example("runtime:Service", {"replicas": 2}), Example("runtime:Service", kind="development")],
)
def two_replicas(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    replicas = resource.properties.get("replicas", 1)
    if context.kind == "production" and isinstance(replicas, int) and replicas < 2:
        yield (
            f"{resource.name} runs in production with {replicas} replica",
            f"give it two: `scale: {{min: 2}}` in roadbed.yaml, or `roadbed scale {context.application} "
            f"{resource.name}=2 -e {context.environment}`",
        )
