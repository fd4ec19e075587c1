"""A deployment: the operation that changes an application, from its source to a release that serves.

Deploying, rolling back, scaling, restarting and configuring are this one operation with different input. Its steps are
durable: killed anywhere, it is taken up after the last one recorded, and an apply after its last journal entry.

It is planned before it is built, since the digest of an artifact follows from its source: what nobody provides here,
what a policy forbids and what would lose data is refused before a minute goes into a build. Where people must approve
the plan, it is built before they are asked: once they have, it is applied at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from roadbed.approvals.waiting import Waiting
from roadbed.control.errors import Cancelled
from roadbed.control.events import Events
from roadbed.control.run import Run, StepRun
from roadbed.delivery import repository
from roadbed.delivery.building import variables
from roadbed.delivery.builds.domain import Origin
from roadbed.delivery.builds.service import Builds
from roadbed.delivery.domain import Release, Settings, SettingsChange
from roadbed.delivery.notes import interrupted
from roadbed.delivery.planning import Planning, Wanted
from roadbed.delivery.set_resources import refuse_if_changed, standing
from roadbed.delivery.urls import public_url
from roadbed.delivery.watcher import StepWatcher
from roadbed.detection.summary import told
from roadbed.engine.domain import Plan
from roadbed.engine.service import Engine, StackInfo, refuse_if_forbidden
from roadbed.estimates import words
from roadbed.estimates.document import plan_cost_document
from roadbed.kit.clock import Clock
from roadbed.kit.errors import Conflict, NotFound, RoadbedError
from roadbed.kit.names import StackName
from roadbed.policy.domain import Verdict
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call

STEPS = (
    ("read", "Reading the application"),
    ("plan", "Planning"),
    ("check", "Checking policies"),
    ("build", "Building"),
    ("release", "Making the release"),
    ("apply", "Applying"),
    ("finish", "Putting the release in force"),
)


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


class Deployments:
    """The handler of `deployment` operations."""

    def __init__(
        self,
        planning: Planning,
        builds: Builds,
        engine: Engine,
        events: Events,
        secrets: Secrets,
        clock: Clock,
        waiting: Waiting,
        *,
        sandboxed: bool,
    ) -> None:
        self._planning, self._builds, self._engine, self._waiting = planning, builds, engine, waiting
        self._events, self._secrets, self._clock, self._sandboxed = events, secrets, clock, sandboxed

    async def run(self, run: Run) -> Mapping[str, Any]:
        asked = DeploymentInput.from_dict(run.operation.input)
        try:
            return await self._deploy(run, asked)
        except (RoadbedError, Cancelled):
            await self._forget_unmade(run, asked.stack)
            raise

    async def _deploy(self, run: Run, asked: DeploymentInput) -> Mapping[str, Any]:
        titles = dict(STEPS)
        basis = await run.transaction("read", titles["read"], lambda call: self._read(call, run, asked))
        stack = _stack(asked, basis)
        plan = await run.transaction("plan", titles["plan"], lambda call: self._plan(call, asked, basis))
        await run.step("check", titles["check"], lambda step: self._check(run, step, asked, stack, plan["number"]))
        if basis["active"] is not None and not _makes_a_release(basis, plan):
            if plan.get("told"):
                await self._waiting.approved(run, stack, plan["number"])
                await self._apply_step(run, stack, plan, basis["active"])
            return await self._result(run, asked, stack, {"release": f"v{basis['active']}", "status": "unchanged"})
        build = await run.step("build", titles["build"], lambda step: self._build(run, step, asked.stack, basis))
        await self._waiting.approved(run, stack, plan["number"])
        release = await run.transaction(
            "release", titles["release"], lambda call: self._release(call, run, asked, basis, build, plan["number"])
        )
        try:
            await self._apply_step(run, stack, plan, release)
        except (RoadbedError, Cancelled) as error:
            await self._fail(run, asked, release, error, before=basis["active"])
            await self._restore(run, asked, stack, basis)
            raise
        ended = await run.transaction(
            "finish",
            titles["finish"],
            lambda call: self._finish(
                call, run, asked, release, build, basis.get("built"), noted=plan.get("notes", ())
            ),
            cancellable=False,
        )
        return await self._result(run, asked, stack, ended)

    async def _read(self, call: Call, run: Run, asked: DeploymentInput) -> dict[str, Any]:
        """Decides what is deployed: source, settings, and whose stack it is. Everything after follows from it.

        Before a release was in force, the newest that failed says it: a variable that it lacked can be set.
        """
        active = await repository.active_release(call.session, asked.stack)
        old = active or next(iter(await repository.releases(call.session, asked.stack, limit=1)), None)
        if asked.rollback_to is not None:
            old = await repository.release(call.session, asked.stack, asked.rollback_to)
        digest = asked.source or (old.source if old else None)
        if digest is None:
            raise NotFound(f"{asked.stack} has no release yet", hint="deploy it first: roadbed deploy")
        environment = await self._planning.environment(call, asked.environment)
        settings = old.settings if old else Settings()
        if active is not None:
            settings = settings.with_secrets_of(active.settings)
        needs = asked.change.apply(settings).needs
        read = await self._planning.application(call, digest, asked.stack, needs)
        source = read.source
        settings = replace(settings, resources=standing(settings.resources, source))
        for name, expected in asked.change.expected.items():
            refuse_if_changed(name, expected, source, settings.resources)
        wanted = asked.change.apply(settings)
        for line in told(read):
            await run.log(line, "read")
        record = repository.Record(
            stack=asked.stack,
            owner=run.operation.owner,
            description=source.description,
            system=source.system,
            operation=run.operation.id,
            updated_at=self._clock.now(),
        )
        await repository.save(call.session, record)
        origin = old.origin if old and asked.source is None else await self._builds.origin(call, digest)
        return {
            "source": digest,
            "origin": origin.to_dict(),
            "settings": wanted.to_dict(),
            "new_source": active is None or digest != active.source,
            "new_settings": active is None or wanted != active.settings,
            "builds": bool(source.workloads),
            "owner": record.owner,
            "kind": environment.kind,
            "active": active.number if active else None,
            "built": active.build if active else None,
        }

    async def _build(self, run: Run, step: StepRun, stack: StackName, basis: Mapping[str, Any]) -> str:
        """The digest of the build; empty for an application without workloads."""
        if not basis.get("builds", True):
            await step.log("Nothing to build: there is no workload")
            return ""
        look = variables(run, stack, Settings.from_dict(basis["settings"]), self._secrets)
        build = await self._builds.ensure(run, step, basis["source"], look)
        return build.digest

    async def _plan(self, call: Call, asked: DeploymentInput, basis: Mapping[str, Any]) -> dict[str, Any]:
        settings = Settings.from_dict(basis["settings"])
        wanted = Wanted(
            stack=_stack(asked, basis),
            digest=basis["source"],
            files=await self._planning.source(call, basis["source"], asked.stack, settings.needs),
            settings=settings,
            back=asked.rollback_to is not None,
        )
        plan = await self._planning.plan(call, wanted)
        notes = interrupted(plan.changing)
        return {"number": plan.number, "changes": len(plan.changing), "told": not plan.empty, "notes": notes}

    async def _check(self, run: Run, step: StepRun, asked: DeploymentInput, stack: StackInfo, number: int) -> None:
        async with run.database.call(run.principal) as call:
            plan = await self._engine.get_plan(call, stack, number)
        await step.log(", ".join(f"{count} to {action}" for action, count in plan.summary.items() if count))
        for note in plan.notes:
            await step.log(note.message)
        for one in plan.remediations:
            await step.log(f"put right by {one.policy}: {one.resource}: {one.message}")
        if plan.cost is not None:
            await step.log(words.plan_line(plan_cost_document(plan.cost)))
        for verdict in plan.verdicts:
            await step.log(_said(verdict))
        refuse_if_forbidden(plan)
        if not asked.delete_data:
            _refuse_to_lose_data(plan)

    async def _release(
        self, call: Call, run: Run, asked: DeploymentInput, basis: Mapping[str, Any], build: str, plan: int
    ) -> int:
        number = await repository.next_release_number(call.session, asked.stack)
        release = Release(
            stack=str(asked.stack),
            number=number,
            status="deploying",
            source=basis["source"],
            origin=Origin.from_dict(basis["origin"]),
            build=build,
            settings=Settings.from_dict(basis["settings"]),
            plan=plan,
            created_at=self._clock.now(),
            created_by=run.operation.requested_by,
            operation=run.operation.id,
            message=asked.message,
            rollback_of=asked.rollback_to,
            sandboxed=self._sandboxed,
        )
        await repository.add_release(call.session, release)
        await self._changed(call, asked.stack, run.operation.owner)
        return number

    async def _apply_step(self, run: Run, stack: StackInfo, plan: Mapping[str, int], release: int) -> None:
        """The engine asks for itself whether it was cancelled: what an earlier attempt began is ended in any case."""
        await run.step(
            "apply",
            dict(STEPS)["apply"],
            lambda step: self._apply(run, step, stack, plan, release),
            cancellable=False,
        )

    async def _apply(
        self,
        run: Run,
        step: StepRun,
        stack: StackInfo,
        plan: Mapping[str, int],
        release: int,
        *,
        back: bool = False,
    ) -> None:
        """On the way `back` it can't be cancelled, and asks nobody: what was in force was approved when it came."""
        watcher = StepWatcher(step, total=plan["changes"], cancellable=not back)
        await self._engine.apply(
            run.principal,
            stack,
            plan["number"],
            watcher,
            release=release,
            asks=not back,
            final_backups=DeploymentInput.from_dict(run.operation.input).final_backups,
        )

    async def _finish(
        self,
        call: Call,
        run: Run,
        asked: DeploymentInput,
        release: int,
        build: str,
        before: str | None,
        *,
        noted: Iterable[str],
    ) -> dict[str, Any]:
        """`before` is the build of the release that was in force, `noted` what the plan said of the change."""
        now = self._clock.now()
        await repository.end_release(call.session, asked.stack, release, "active", "serving", now)
        await repository.set_operation(call.session, asked.stack, run.operation.id, now)
        await self._changed(call, asked.stack, run.operation.owner)
        notes = await self._builds.notes(call, build, run.operation.created_at, before)
        return {"release": f"v{release}", "status": "succeeded", "notes": [*noted, *notes]}

    async def _fail(
        self, run: Run, asked: DeploymentInput, release: int, error: Exception, *, before: int | None
    ) -> None:
        """The release failed; whatever was in force before it still is. `before` is the number of that release."""

        async def end(call: Call) -> None:
            await repository.end_release(call.session, asked.stack, release, "failed", str(error), self._clock.now())
            await self._changed(call, asked.stack, run.operation.owner)

        title = "Noting that the release failed" if before is None else "Leaving the release before in force"
        await run.transaction("fail", title, end, cancellable=False)

    async def _forget_unmade(self, run: Run, stack: StackName) -> None:
        """An application whose first deployment failed before it made a release has nothing: it isn't one yet."""
        async with run.database.call(run.principal) as call:
            if await repository.remove_unreleased(call.session, stack):
                await self._changed(call, stack, run.operation.owner)

    async def _restore(self, run: Run, asked: DeploymentInput, stack: StackInfo, basis: Mapping[str, Any]) -> None:
        """Takes back the rollouts that had ended well before another failed: the release before is in force whole.

        Before there was a release, nothing that this one began to run stays. Infrastructure stays in both cases, as the
        state says. Raises nothing: what the user must hear of is the failure of the release.
        """
        try:
            plan = await run.transaction(
                "plan back",
                "Planning the way back",
                lambda call: self._plan_back(call, asked, stack, basis),
                cancellable=False,
            )
            if plan["changes"]:
                await run.step(
                    "restore",
                    "Ending what it began" if basis["active"] is None else "Bringing the release before back",
                    lambda step: self._apply(run, step, stack, plan, basis["active"], back=True),
                    cancellable=False,
                )
        except RoadbedError as error:
            await run.log(f"the release before could not be brought back whole: {error}")

    async def _plan_back(
        self, call: Call, asked: DeploymentInput, stack: StackInfo, basis: Mapping[str, Any]
    ) -> dict[str, int]:
        active = await repository.active_release(call.session, asked.stack)
        digest = active.source if active else basis["source"]
        settings = active.settings if active else Settings(needs=Settings.from_dict(basis["settings"]).needs)
        wanted = Wanted(
            stack=stack,
            digest=digest,
            files=await self._planning.source(call, digest, asked.stack, settings.needs),
            settings=settings,
            back=True,
            rollouts=active is not None,
        )
        plan = await self._planning.plan(call, wanted)
        return {"number": plan.number, "changes": len(plan.changing)}

    async def _changed(self, call: Call, stack: StackName, owner: str | None) -> None:
        await self._events.emit(call, "release.changed", f"stack:{stack}", {"owner": owner})

    async def _result(
        self, run: Run, asked: DeploymentInput, stack: StackInfo, ended: Mapping[str, Any]
    ) -> dict[str, Any]:
        async with run.database.call(run.principal) as call:
            resources = await self._engine.resources(call, stack)
        began = run.operation.started_at or run.operation.created_at
        return {
            "application": asked.application,
            "environment": asked.environment,
            **ended,
            "url": public_url(resources),
            "duration_s": round((self._clock.now() - began).total_seconds(), 3),
            "sandboxed": self._sandboxed,
        }


def _makes_a_release(basis: Mapping[str, Any], plan: Mapping[str, Any]) -> bool:
    """The next plan is made from the source and settings in force. So settings that nothing uses yet, and options and
    exports that are declared otherwise, are a release, though nothing is done to any resource; what the state alone is
    to be told of the source in force is none.
    """
    declared = basis.get("new_settings") or (plan.get("told") and basis.get("new_source"))
    return bool(plan["changes"] or declared)


def _said(verdict: Verdict) -> str:
    """On one line: whose finding on what it is, where that is declared, and what to do."""
    about = f"{verdict.resource}: " if verdict.resource else ""
    place = f" ({verdict.source})" if verdict.source else ""
    waived = f" [waived: {verdict.waived_by}]" if verdict.waived_by else ""
    return f"{verdict.level}: {verdict.policy}: {about}{verdict.message}{place}{waived} → {verdict.remedy}"


def _refuse_to_lose_data(plan: Plan) -> None:
    """Raises Conflict where the plan deletes what people have put data into: nobody has said that it may."""
    if losing := [step for step in plan.steps if step.loses_data]:
        named = ", ".join(f"{step.name} ({step.type})" for step in losing)
        raise Conflict(
            f"this would delete {named}, with all that is in it",
            hint="declare it again, or let the data go: roadbed deploy --delete-data",
        )


def _stack(asked: DeploymentInput, basis: Mapping[str, Any]) -> StackInfo:
    return StackInfo(asked.stack, basis["owner"], basis["kind"])
