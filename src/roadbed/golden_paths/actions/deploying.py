"""roadbed:deploy: from the workspace to a running service.

A deployment that waits for somebody's approval may wait for days: the run is done then, so that it holds no worker, and
what it made stays whatever is decided.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from roadbed.control.domain import LogLine, Operation
from roadbed.control.errors import Cancelled, OperationEnded
from roadbed.control.service import Operations
from roadbed.golden_paths.actions.titles import PLATFORM_TITLES
from roadbed.golden_paths.driver import TEXT, Action, ActionContext, Deployer, Values, schema
from roadbed.golden_paths.errors import StepFailed
from roadbed.golden_paths.workspace import inside
from roadbed.storage.call import Call


def deploy_action(deployer: Deployer, operations: Operations) -> Action:
    async def check(call: Call, values: Values, owner: str | None) -> None:
        await deployer.check(call, application=values["application"], environment=values["environment"], owner=owner)

    async def begin(call: Call, context: ActionContext, values: Values) -> Any:
        return await deployer.deploy(
            call,
            application=values["application"],
            environment=values["environment"],
            source_dir=inside(context.files, values.get("path", ".")),
            message=values.get("message", "Made from a golden path"),
        )

    async def run(context: ActionContext, values: Values) -> Values:
        async with context.transaction() as call:
            changes = await operations.follow(call, context.begun)
        try:
            ended = await context.progress.unless_cancelled(_watch(changes, context))
        except Cancelled:
            await _cancel(operations, context)
            raise
        if ended.state == "waiting":
            await context.progress.log(f"it waits: {_awaited(ended)}; see: roadbed approval list")
        elif ended.state != "succeeded":
            raise _failed(ended)
        return {
            "url": None,
            "release": None,
            "operation": ended.id,
            "application": values["application"],
            "environment": values["environment"],
            **(ended.result or {}),
        }

    return Action(
        "roadbed:deploy",
        PLATFORM_TITLES["roadbed:deploy"],
        "Builds the workspace and deploys it.",
        schema(("application", "environment"), application=TEXT, environment=TEXT, path=TEXT, message=TEXT),
        run,
        outputs={
            "url": "where it can be reached; null while the deployment waits for an approval",
            "release": "its release: v1; null while the deployment waits for an approval",
            "operation": "the deployment",
            "application": "its name",
            "environment": "where it was deployed",
        },
        final=True,
        check=check,
        begin=begin,
        begin_title="Queue the deployment",
    )


async def _watch(changes: AsyncIterator[Operation | LogLine], context: ActionContext) -> Operation:
    """Passes the deployment's log and progress on, until it has ended or waits for somebody."""
    last: Operation | None = None
    async for change in changes:
        if isinstance(change, LogLine):
            await context.progress.log(change.text)
            continue
        last = change
        done = sum(step.state == "succeeded" for step in change.steps)
        running = next((step.title for step in change.steps if step.state == "running"), None)
        await context.progress.progress(done, len(change.steps), running)
        if change.state == "waiting":
            return change
    if last is None or not last.ended:
        raise StepFailed("the deployment can no longer be followed", hint="look at it with `roadbed ops`")
    return last


def _awaited(operation: Operation) -> str:
    return next((step.message for step in operation.steps if step.state == "running" and step.message), "an approval")


async def _cancel(operations: Operations, context: ActionContext) -> None:
    async with context.transaction() as call:
        try:
            await operations.cancel(call, context.begun)
        except OperationEnded:
            return


def _failed(operation: Operation) -> StepFailed:
    if operation.state == "cancelled":
        return StepFailed("the deployment was cancelled")
    error = operation.error or {}
    return StepFailed(
        str(error.get("detail", "the deployment failed")),
        hint=error.get("hint") or f"look at its log: roadbed ops show {operation.id}",
        file=error.get("file"),
        line=error.get("line"),
    )
