"""Asks for deployments: what every change of an application comes down to."""

from __future__ import annotations

from collections.abc import Sequence

from roadbed.approvals.domain import Approval
from roadbed.audit.service import Audit
from roadbed.control.domain import Operation
from roadbed.control.service import Operations
from roadbed.delivery import repository
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.deployment.handler import STEPS
from roadbed.delivery.planning import Planning, application_target
from roadbed.kit.access import Authorise, Target, require_somebody
from roadbed.kit.clock import Clock
from roadbed.storage.call import Call


class Requests:
    def __init__(
        self, authorise: Authorise, audit: Audit, operations: Operations, planning: Planning, clock: Clock
    ) -> None:
        self._authorise, self._audit, self._operations = authorise, audit, operations
        self._planning, self._clock = planning, clock

    async def again(self, call: Call, found: Approval, operation: Operation) -> Operation:
        """The deployment that was not approved in time, planned anew."""
        require_somebody(call.principal)
        asked = DeploymentInput.from_dict(operation.input)
        return await self.deployment(call, asked, "application.deploy", found.owner, operation.title)

    async def deployment(
        self,
        call: Call,
        asked: DeploymentInput,
        action: str,
        owner: str | None,
        title: str,
        *,
        operation_kind: str = "deployment",
        steps: Sequence[tuple[str, str]] = STEPS,
    ) -> Operation:
        """Takes the right to do `action` with the application there. `operation_kind` is one that deploys, and more."""
        kind = (await self._planning.environment(call, asked.environment)).kind
        target = application_target(asked.stack, owner, kind)
        self._authorise(call.principal, action, target)
        operation = await self._operations.enqueue(
            call,
            kind=operation_kind,
            title=title,
            target=Target("stack", str(asked.stack), owner, asked.environment, {"kind": kind}),
            input=asked.to_dict(),
            lock=str(asked.stack),
            steps=steps,
        )
        await repository.set_operation(call.session, asked.stack, operation.id, self._clock.now())
        await self._audit.record(call, action, target, detail={"operation": operation.id, "message": asked.message})
        return operation
