"""Golden paths for tests: on a real database, with durable operations, and a delivery that only says it deployed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import roadbed
from control_kit import Control, make_control
from fakes.access import allow
from roadbed.audit.service import Audit
from roadbed.catalog.service import Catalog
from roadbed.control.domain import Operation
from roadbed.control.run import Run, StepRun
from roadbed.control.service import Operations
from roadbed.golden_paths.domain import DryRun
from roadbed.golden_paths.service import GoldenPaths
from roadbed.kit.access import Target
from roadbed.kit.clock import SystemClock
from roadbed.kit.errors import NotFound
from roadbed.storage.call import Call
from roadbed.storage.database import Database

STARTER = Path(roadbed.__path__[0]) / "platform" / "starter"
NOT_OURS = shutil.ignore_patterns("__pycache__")
"""What Python puts beside a program, and the platform repo doesn't take."""


@dataclass
class FakeDelivery:
    """A Deployer whose deployments succeed, unless they are told how to fail, or what to wait for."""

    operations: Operations
    sources: list[dict[str, str]] = field(default_factory=list)
    failure: Exception | None = None
    awaited: str | None = None
    deployed: set[str] = field(default_factory=set)

    async def check(self, call: Call, *, application: str, environment: str, owner: str | None) -> None:
        if environment != "dev":
            raise NotFound(f"there is no environment {environment!r}", hint="there is dev")

    async def exists(self, call: Call, *, application: str) -> bool:
        return application in self.deployed

    async def deploy(self, call: Call, *, application: str, environment: str, source_dir: Path, message: str) -> str:
        files = (path for path in source_dir.rglob("*") if path.is_file())
        self.sources.append({path.relative_to(source_dir).as_posix(): path.read_text() for path in files})
        operation = await self.operations.enqueue(
            call,
            kind="fake.deploy",
            title=f"Deploy {application}",
            target=Target("stack", f"{application}@{environment}"),
            input={"application": application},
            steps=[("build", "Build"), ("apply", "Apply")],
        )
        return operation.id

    async def handle(self, run: Run) -> dict[str, Any]:
        async def work(step: StepRun) -> None:
            await step.log(f"{step.name} goes on")
            if self.failure is not None and step.name == "apply":
                raise self.failure

        async def look(_call: Call) -> str | None:
            return self.awaited

        if self.awaited is not None:
            await run.wait("approvals", "Wait for approvals", look)
        for name in ("build", "apply"):
            await run.step(name, name.title(), work)
        self.deployed.add(run.operation.input["application"])
        return {"url": f"http://{run.operation.input['application']}.dev.localhost:8000", "release": "v1"}


@dataclass
class Scene:
    """Short forms, each in a transaction of its own."""

    control: Control
    delivery: FakeDelivery
    catalog: Catalog
    paths: GoldenPaths
    root: Path
    home: Path

    async def start(self) -> None:
        await self.control.events.start()
        await self.control.worker.start(grace=0)

    async def stop(self) -> None:
        await self.control.worker.close()
        await self.control.events.close()

    async def sync_catalog(self) -> None:
        async with self.control.database.call(self.control.principal) as call:
            assert await self.catalog.sync(call, self.root, prefix="platform") == []

    def add_template(self, name: str, text: str, **files: str) -> None:
        folder = self.root / "templates" / name
        (folder / "skeleton").mkdir(parents=True)
        (folder / "template.yaml").write_text(text)
        for file, content in files.items():
            (folder / "skeleton" / file).write_text(content)

    async def begin(self, template: str, **parameters: Any) -> Operation:
        async with self.control.database.call(self.control.principal) as call:
            return await self.paths.run(call, template, parameters)

    async def run(self, template: str, **parameters: Any) -> Operation:
        return await self.control.ended((await self.begin(template, **parameters)).id)

    async def reached(self, operation: str, step: str) -> bool:
        """Whether that step of the operation runs now."""
        found = await self.control.get(operation)
        return any(item.name == step and item.state == "running" for item in found.steps)

    async def rehearse(self, template: str, **parameters: Any) -> DryRun:
        async with self.control.database.call(self.control.principal) as call:
            return await self.paths.dry_run(call, template, parameters)

    async def entities(self, *filters: str) -> list[str]:
        async with self.control.database.call(self.control.principal) as call:
            return [str(view.ref) for view in (await self.catalog.entities(call, filters)).items]

    def repositories(self) -> list[str]:
        return sorted(path.name for path in (self.home / "repositories").glob("*"))

    def workspaces(self) -> list[str]:
        return sorted(path.name for path in (self.home / "workspaces").glob("*"))


def make_scene(database: Database, home: Path) -> Scene:
    """Not started. The platform repo is a copy of what ships."""
    control = make_control(database)
    root = home / "platform"
    shutil.copytree(STARTER, root, dirs_exist_ok=True, ignore=NOT_OURS)
    audit = cast(Audit, control.audit)
    catalog = Catalog(allow, audit, control.events, SystemClock())
    delivery = FakeDelivery(control.operations)
    control.operations.register("fake.deploy", delivery.handle)
    paths = GoldenPaths(
        root=root,
        home=home,
        operations=control.operations,
        catalog=catalog,
        deployer=delivery,
        authorise=allow,
        audit=audit,
    )
    return Scene(control, delivery, catalog, paths, root, home)
