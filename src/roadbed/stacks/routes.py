"""Stacks over REST."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import Response, StreamingResponse

from roadbed.control.domain import Operation
from roadbed.control.streams import ServerEvent, event_stream, last_event_id
from roadbed.delivery.schemas import Label, ListOut
from roadbed.engine.domain import Plan
from roadbed.engine.schemas import CheckOut, PlanOut, check_out, plan_out
from roadbed.stacks.domain import Progress, Wish
from roadbed.stacks.schemas import (
    AcceptedOperationOut,
    DiscardedOut,
    DriftOut,
    ForgetBody,
    ForgottenOut,
    HistoryOut,
    ImportBody,
    ImportedOut,
    MoveBody,
    MovedOut,
    PolicyReportOut,
    ProgressOut,
    SecretBody,
    SecretSetOut,
    SecretUnsetOut,
    StackDetailOut,
    StackGraphOut,
    StackOut,
    StackOutputOut,
    StackPlanBody,
    StackPlanOut,
    StackResourceOut,
    StackSecretOut,
    VersionOut,
)
from roadbed.stacks.service import Stacks
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=127)]
Number = Annotated[int, Path(ge=1, lt=2**31)]
Secret = Annotated[str, Path(max_length=128)]
Urn = Annotated[str, Query(max_length=1_000)]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=32)]


def router(service: Stacks) -> APIRouter:
    routes = APIRouter(tags=["stacks"])
    _reading(routes, service)
    _across(routes, service)
    _planning(routes, service)
    _applying(routes, service)
    _looking(routes, service)
    _secrets(routes, service)
    _changing_state(routes, service)
    return routes


def _reading(routes: APIRouter, service: Stacks) -> None:
    @routes.get("/stacks")
    async def list_stacks(call: CurrentCall, environment: Label | None = None) -> ListOut[StackOut]:
        return ListOut[StackOut].model_validate({"items": await service.stacks(call, environment)})

    @routes.get("/stacks/{stack}")
    async def get_stack(call: CurrentCall, stack: Name) -> StackDetailOut:
        return StackDetailOut.model_validate(await service.stack(call, stack))

    @routes.get("/stacks/{stack}/resources", response_model=ListOut[StackResourceOut])
    async def list_resources(call: CurrentCall, stack: Name, urn: Urn | None = None) -> Response:
        """All that the state holds, or the one with that `urn`."""
        found = await service.resources(call, stack, urn)
        return _json(ListOut[StackResourceOut].model_validate({"items": found}).model_dump_json())

    @routes.get("/stacks/{stack}/resources/history")
    async def list_versions(call: CurrentCall, stack: Name, urn: Urn) -> ListOut[VersionOut]:
        """What has become of one resource, the newest first."""
        return ListOut[VersionOut].model_validate({"items": await service.versions(call, stack, urn)})

    @routes.get("/stacks/{stack}/history")
    async def list_history(
        call: CurrentCall, stack: Name, limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> ListOut[HistoryOut]:
        """The changes of the state, the newest first."""
        return ListOut[HistoryOut].model_validate({"items": await service.history(call, stack, limit)})

    @routes.get("/stacks/{stack}/outputs")
    async def list_outputs(call: CurrentCall, stack: Name) -> ListOut[StackOutputOut]:
        return ListOut[StackOutputOut].model_validate({"items": await service.outputs(call, stack)})

    @routes.get("/stacks/{stack}/drift")
    async def get_drift(call: CurrentCall, stack: Name) -> DriftOut:
        """What the last look at the world found."""
        return DriftOut.model_validate(await service.drift(call, stack))

    @routes.get("/stacks/{stack}/export")
    async def export_state(call: CurrentCall, stack: Name) -> dict[str, Any]:
        """The state as a document, to be imported again by this platform. Secrets in it are encrypted."""
        return dict(await service.export(call, stack))


def _across(routes: APIRouter, service: Stacks) -> None:
    @routes.get("/stack-graph")
    async def read_stack_graph(
        call: CurrentCall, environment: Label | None = None, around: Annotated[str | None, Query(max_length=127)] = None
    ) -> StackGraphOut:
        """Which stack uses what of which: of an environment, or all that is tied to one stack."""
        return StackGraphOut.model_validate(await service.graph(call, environment, around))

    @routes.get("/policy-report")
    async def read_policy_report(call: CurrentCall, environment: Label | None = None) -> PolicyReportOut:
        """What policies said of the newest plan of each stack: by policy, and by stack with its owner."""
        return PolicyReportOut.model_validate(await service.policy_report(call, environment))


def _planning(routes: APIRouter, service: Stacks) -> None:
    @routes.get("/stacks/{stack}/plans")
    async def list_plans(
        call: CurrentCall, stack: Name, limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> ListOut[StackPlanOut]:
        """The plans that were made of the stack and what became of each, the newest first."""
        return ListOut[StackPlanOut].model_validate({"items": await service.plans(call, stack, limit)})

    @routes.post("/stacks/{stack}/plans", response_model=PlanOut)
    async def make_stack_plan(call: CurrentCall, stack: Name, body: StackPlanBody, *, all: bool = True) -> Response:
        """Plans what the stack's program declares now; `all=false` leaves out what stays as it is."""
        wish = Wish(
            targets=tuple(body.targets),
            target_dependents=body.target_dependents,
            replace=tuple(body.replace),
            refresh=body.refresh,
            destroy=body.destroy,
        )
        return _plan(await service.plan(call, stack, wish), all=all)

    @routes.post("/stacks/{stack}/checks")
    async def check_stack(call: CurrentCall, stack: Name) -> CheckOut:
        """What policies say of what the stack's program declares now; nothing is stored."""
        return check_out(stack, await service.check(call, stack))

    @routes.get("/stacks/{stack}/plans/{number}", response_model=PlanOut)
    async def get_plan(call: CurrentCall, stack: Name, number: Number, *, all: bool = True) -> Response:
        return _plan(await service.get_plan(call, stack, number), all=all)


def _applying(routes: APIRouter, service: Stacks) -> None:
    @routes.post("/stacks/{stack}/plans/{number}/apply", status_code=202)
    async def apply_plan(call: CurrentCall, stack: Name, number: Number) -> AcceptedOperationOut:
        return _accepted(await service.apply(call, stack, number))

    @routes.post("/stacks/{stack}/plans/{number}/discard")
    async def discard_plan(call: CurrentCall, stack: Name, number: Number) -> DiscardedOut:
        await service.discard(call, stack, number)
        return DiscardedOut(stack=stack, number=number)

    @routes.get("/stacks/{stack}/plans/{number}/progress", response_class=StreamingResponse)
    async def follow_plan(
        call: CurrentCall,
        stack: Name,
        number: Number,
        *,
        after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
        last: LastEventId = None,
    ) -> StreamingResponse:
        """`progress` events, each with the entries of the journal since the one before; `end` when it was applied."""
        start = last_event_id(last)
        return event_stream(_followed(await service.progress(call, stack, number, after if start is None else start)))


def _looking(routes: APIRouter, service: Stacks) -> None:
    @routes.post("/stacks/{stack}/refresh", status_code=202)
    async def refresh(call: CurrentCall, stack: Name) -> AcceptedOperationOut:
        """Makes the state say what the world shows, and changes nothing in the world."""
        return _accepted(await service.refresh(call, stack))

    @routes.post("/stacks/{stack}/drift", status_code=202)
    async def look_for_drift(call: CurrentCall, stack: Name) -> AcceptedOperationOut:
        """Looks at the world and stores a report; changes nothing."""
        return _accepted(await service.scan(call, stack))


def _secrets(routes: APIRouter, service: Stacks) -> None:
    @routes.get("/stacks/{stack}/secrets")
    async def list_secrets(call: CurrentCall, stack: Name) -> ListOut[StackSecretOut]:
        """What was set for a module's stack, when and by whom; never a value."""
        return ListOut[StackSecretOut].model_validate({"items": await service.secrets(call, stack)})

    @routes.put("/stacks/{stack}/secrets/{name}")
    async def set_secret(call: CurrentCall, stack: Name, name: Secret, body: SecretBody) -> SecretSetOut:
        """The next plan shows what changes by it; those that were made before are stale."""
        changed = await service.set_secret(call, stack, name, body.value)
        return SecretSetOut(stack=stack, name=name, changed=changed)

    @routes.delete("/stacks/{stack}/secrets/{name}")
    async def unset_secret(call: CurrentCall, stack: Name, name: Secret) -> SecretUnsetOut:
        await service.unset_secret(call, stack, name)
        return SecretUnsetOut(stack=stack, name=name)


def _changing_state(routes: APIRouter, service: Stacks) -> None:
    @routes.post("/stacks/{stack}/import")
    async def import_state(call: CurrentCall, stack: Name, body: ImportBody) -> ImportedOut:
        return ImportedOut.model_validate(await service.import_(call, stack, body.document, replace=body.replace))

    @routes.post("/stacks/{stack}/move")
    async def move(call: CurrentCall, stack: Name, body: MoveBody) -> MovedOut:
        """Moves resources with what they hold: in the state only, so declare them there, too."""
        moved = await service.move(call, stack, body.resources, body.to)
        return MovedOut.model_validate({"items": [{"was": was, "urn": urn} for was, urn in moved.items()]})

    @routes.post("/stacks/{stack}/forget")
    async def forget(call: CurrentCall, stack: Name, body: ForgetBody) -> ForgottenOut:
        """Drops resources from the state and leaves them in the world."""
        return ForgottenOut(items=[*await service.forget(call, stack, body.resources, force=body.force)])


def _plan(plan: Plan, *, all: bool) -> Response:
    """Encoded once and as it is: a plan may hold thousands of steps."""
    return _json(plan_out(plan, all=all).model_dump_json())


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def _accepted(operation: Operation) -> AcceptedOperationOut:
    return AcceptedOperationOut.model_validate({"operation": operation})


async def _followed(batches: AsyncIterator[Progress]) -> AsyncIterator[ServerEvent]:
    last = 0
    async for batch in batches:
        last = batch.entries[-1].id
        yield ServerEvent("progress", ProgressOut.model_validate(batch).model_dump_json(), str(last))
    yield ServerEvent("end", f'{{"after":{last}}}')
