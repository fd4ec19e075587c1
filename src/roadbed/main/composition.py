"""Who is made of what: the parts of the server, and what of them it runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from roadbed.approvals.schedule import ApprovalSchedule
from roadbed.backups.schedule import BackupSchedules
from roadbed.catalog.service import Catalog
from roadbed.control.events import Events
from roadbed.control.worker import Worker
from roadbed.delivery.builds.schedule import PruneSchedule
from roadbed.gateway.controller import GatewayController
from roadbed.gateway.service import Gateway
from roadbed.identity.service import Identity
from roadbed.kit.access import system
from roadbed.main.background import running
from roadbed.main.databases import Databases
from roadbed.main.embedded import EmbeddedServers
from roadbed.main.parts.delivery import Delivering
from roadbed.main.parts.engine import Deciding
from roadbed.main.parts.ground import Ground
from roadbed.main.parts.machine import Machine
from roadbed.main.parts.stacks import Stacking
from roadbed.main.parts.surfaces import surfaces
from roadbed.main.settings import Settings
from roadbed.platform.service import Platform as PlatformRepository
from roadbed.platform.spare import Spare
from roadbed.runtimes.controller import Controller
from roadbed.stacks.schedule import DriftSchedule
from roadbed.storage.database import Database
from roadbed.waivers.schedule import WaiverSchedule

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything of one server process, made and not yet started."""

    app: FastAPI
    database: Database
    identity: Identity
    events: Events
    worker: Worker
    gateway: Gateway
    gateway_controller: GatewayController
    controller: Controller
    repository: PlatformRepository
    spare: Spare
    catalog: Catalog
    waivers: WaiverSchedule
    approvals: ApprovalSchedule
    drift: DriftSchedule
    prune: PruneSchedule
    backups: BackupSchedules
    servers: EmbeddedServers

    async def prepare(self) -> None:
        """Writes the platform repo at the first start, and reads its catalog into ours."""
        await self.repository.ensure_repository()
        async with self.database.call(system("catalog")) as call:
            folder = self.repository.folder
            for problem in await self.catalog.sync(call, folder, prefix="platform"):
                log.warning("the platform repo's catalog: %s", problem)
        async with self.database.call(system("catalog")) as call:
            members: dict[str, set[str]] = {}
            for user, groups in (await self.catalog.groups_of(call)).items():
                for group in groups:
                    members.setdefault(group, set()).add(user.removeprefix("user:default/"))
            await self.identity.grants.sync_groups(call, members)

    @asynccontextmanager
    async def agent(self) -> AsyncIterator[None]:
        """What looks after this machine's replicas and its proxy."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(running(self.gateway_controller.run(), "gateway"))
            await self.controller.start()
            stack.push_async_callback(self.controller.close)
            yield


def compose(settings: Settings, database: Database, databases: Databases, url: str) -> Platform:
    """Makes it all, from the bottom up."""
    ground = Ground(settings, database, databases, url)
    machine = Machine(ground)
    deciding = Deciding(ground, machine)
    delivering = Delivering(ground, machine, deciding)
    stacking = Stacking(ground, machine, deciding, delivering)
    audit, operations, events, clock = ground.audit, ground.operations, ground.events, ground.clock
    return Platform(
        app=surfaces(ground, machine, deciding, delivering, stacking),
        database=database,
        identity=ground.identity,
        events=events,
        worker=ground.worker,
        gateway=machine.gateway,
        gateway_controller=GatewayController(machine.gateway),
        controller=Controller(machine.tools),
        repository=ground.repository,
        spare=ground.spare,
        catalog=ground.catalog,
        servers=machine.servers,
        waivers=WaiverSchedule(database, audit, events, settings.waivers, clock),
        approvals=ApprovalSchedule(database, operations, deciding.approvals, deciding.telling, clock),
        drift=DriftSchedule(database, operations, ground.repository, stacking.sources, deciding.states, clock),
        prune=PruneSchedule(database, delivering.pruning, settings.builds, clock),
        backups=BackupSchedules(database, delivering.backups, deciding.keeper, events, clock),
    )
