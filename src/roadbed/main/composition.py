"""Who is made of what. Read from top to bottom: each thing stands on those above it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import FastAPI

from roadbed.api.app import create_app
from roadbed.approvals import routes as approval_routes
from roadbed.approvals.gate import ApprovalGate
from roadbed.approvals.schedule import ApprovalSchedule
from roadbed.approvals.service import Approvals
from roadbed.approvals.telling import Telling
from roadbed.approvals.waiting import Waiting
from roadbed.audit import routes as audit_routes
from roadbed.audit.service import Audit
from roadbed.backups import routes as backup_routes
from roadbed.backups.keeper import Keeper, kept
from roadbed.backups.provider import BackupsProvider
from roadbed.backups.schedule import BackupSchedules
from roadbed.backups.service import Backups
from roadbed.backups.store import Store as BackupStore
from roadbed.backups.working import BACKUP, RESTORE, BackingUp, Restoring
from roadbed.blocks import routes as block_routes
from roadbed.blocks.checking import Checking
from roadbed.blocks.examples import Examples
from roadbed.blocks.impact import Impacts
from roadbed.blocks.service import Blocks
from roadbed.catalog import routes as catalog_routes
from roadbed.catalog.provider import CatalogProvider
from roadbed.catalog.service import Catalog
from roadbed.control import routes as operation_routes
from roadbed.control.events import Events
from roadbed.control.service import Operations
from roadbed.control.worker import Worker
from roadbed.delivery import block_cost_routes, building_routes, job_routes
from roadbed.delivery import routes as application_routes
from roadbed.delivery.block_costs import BlockCosts
from roadbed.delivery.building import BUILD, Building
from roadbed.delivery.builds import routes as build_routes
from roadbed.delivery.builds.pruning import PRUNE, Pruning
from roadbed.delivery.builds.schedule import PruneSchedule
from roadbed.delivery.builds.service import Builds
from roadbed.delivery.config_secrets import ConfigSecrets
from roadbed.delivery.deployment import Deployments
from roadbed.delivery.destruction import Destructions
from roadbed.delivery.directory import Directory
from roadbed.delivery.folder_deployer import FolderDeployer
from roadbed.delivery.in_force import InForce
from roadbed.delivery.jobs import Jobs
from roadbed.delivery.planning import Planning
from roadbed.delivery.replanning import Replanning
from roadbed.delivery.requesting import Requests
from roadbed.delivery.resource_routes import router as resource_router
from roadbed.delivery.resources import Resources
from roadbed.delivery.rotation import ROTATION, Rotations
from roadbed.delivery.service import Applications
from roadbed.doctor import routes as doctor_routes
from roadbed.doctor.service import Doctor
from roadbed.engine.editing import StateEditor
from roadbed.engine.foresight import Foresight
from roadbed.engine.handing import Handing
from roadbed.engine.revealing import Revealing
from roadbed.engine.rotating import Rotating
from roadbed.engine.service import Engine
from roadbed.engine.states import States
from roadbed.estimates.service import Estimates
from roadbed.gateway.controller import GatewayController
from roadbed.gateway.provider import GatewayProvider
from roadbed.gateway.service import Gateway
from roadbed.gateway.traefik.driver import Traefik
from roadbed.golden_paths import routes as golden_path_routes
from roadbed.golden_paths.service import GoldenPaths
from roadbed.identity import routes as identity_routes
from roadbed.identity.authorisation import Authoriser
from roadbed.identity.service import Identity
from roadbed.kit.access import system
from roadbed.kit.clock import SystemClock
from roadbed.main.background import running
from roadbed.main.databases import Databases
from roadbed.main.embedded import EmbeddedServers
from roadbed.main.inspection import components, counts
from roadbed.main.repo_checks import repo_checks
from roadbed.main.settings import Settings
from roadbed.platform import routes as platform_routes
from roadbed.platform.service import Platform as PlatformRepository
from roadbed.policy import routes as policy_routes
from roadbed.policy.service import Policies
from roadbed.portal import app as portal
from roadbed.portal.assets import DIST, load_assets
from roadbed.portal.services import PortalServices
from roadbed.providers.command.provider import CommandProvider
from roadbed.providers.file.provider import FileProvider
from roadbed.providers.nats.provider import NatsProvider
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.postgres.server import ApplicationServer
from roadbed.providers.redis.provider import RedisProvider
from roadbed.providers.registry import with_plugins
from roadbed.providers.s3.provider import S3Provider
from roadbed.quotas import routes as quota_routes
from roadbed.quotas.policy import counted_policies
from roadbed.quotas.service import Quotas
from roadbed.resource_types import routes as type_routes
from roadbed.resource_types.service import ResourceTypes
from roadbed.runtimes.controller import Controller
from roadbed.runtimes.declarations import Declarations
from roadbed.runtimes.drivers.process.driver import ProcessDriver
from roadbed.runtimes.jobs import Jobs as ReleaseJobs
from roadbed.runtimes.provider import RuntimeProvider
from roadbed.runtimes.scheduled.declarations import ScheduleDeclarations
from roadbed.runtimes.scheduled.provider import ScheduledJobProvider
from roadbed.runtimes.scheduled.recording import Recorder
from roadbed.runtimes.scheduled.service import ScheduledJobs
from roadbed.runtimes.service import Runtimes
from roadbed.runtimes.tools import Tools
from roadbed.runtimes.volume_sizes import VolumeSizes
from roadbed.runtimes.volumes import Volumes
from roadbed.sandbox.detect import isolation
from roadbed.secrets.keyfile import load_or_create_key
from roadbed.secrets.service import Secrets
from roadbed.stacks import cost_routes
from roadbed.stacks import routes as stack_routes
from roadbed.stacks.applying import Applies
from roadbed.stacks.costs import Costs
from roadbed.stacks.looking import Drifts, Refreshes
from roadbed.stacks.operations import APPLY, DRIFT, REFRESH
from roadbed.stacks.planner import StackPlanner
from roadbed.stacks.schedule import DriftSchedule
from roadbed.stacks.secrets import HeldSecrets, ModuleSecrets
from roadbed.stacks.service import Stacks
from roadbed.stacks.sources import Sources
from roadbed.stacks.subjects import WaiverSubjects
from roadbed.storage.database import Database
from roadbed.waivers import routes as waiver_routes
from roadbed.waivers.in_force import WaiversInForce
from roadbed.waivers.schedule import WaiverSchedule
from roadbed.waivers.service import Waivers

log = logging.getLogger(__name__)
BODY_LIMITS = {
    "/api/v1/sources": 100 * 2**20,
    "/api/v1/stacks/*/import": 64 * 2**20,
    "/api/v1/platform/checks": 32 * 2**20,
    "/api/v1/platform/blocks/*/cases": 8 * 2**20,
    "/api/v1/platform/blocks/*/impact": 8 * 2**20,
    "/api/v1/platform/blocks/*/versions": 8 * 2**20,
}
"""Bytes; what one request may hold where the general limit is too little."""


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
    home, clock = settings.home, SystemClock()

    authoriser = Authoriser()
    authorise = authoriser.authorise
    audit = Audit(authorise, clock)
    identity = Identity(database, audit, clock, authoriser=authoriser, settings=settings.identity)
    secrets = Secrets(load_or_create_key(home))
    events = Events(database)
    operations = Operations(database, authorise, audit, events, clock)
    worker = Worker(operations, concurrency=settings.worker.concurrency)

    repository = PlatformRepository(home, authorise)
    gateway = Gateway(Traefik(home / "gateway", settings.gateway), database, authorise, audit)

    driver = ProcessDriver(home, settings.runtimes)
    tools = Tools(database, driver, gateway, secrets, events, clock, settings.runtimes)
    recorder = Recorder(events, clock)
    runtimes = Runtimes(database, driver, VolumeSizes(home), authorise, clock)
    declarations = Declarations(driver, authorise, audit, secrets, events, clock, settings.runtimes)
    catalog = Catalog(authorise, audit, events, clock)

    servers = EmbeddedServers(home)
    providers = with_plugins(
        [
            PostgresProvider(ApplicationServer(databases.applications)),
            RedisProvider(servers.redis),
            NatsProvider(servers.nats),
            S3Provider(servers.s3),
            GatewayProvider(gateway, database),
            RuntimeProvider(declarations, ReleaseJobs(tools), Volumes(home), database, events),
            ScheduledJobProvider(
                ScheduleDeclarations(authorise, audit, secrets, recorder, clock),
                driver,
                database,
                events,
            ),
            CatalogProvider(catalog, database),
            FileProvider([home / "files"]),
            CommandProvider(home / "commands"),
            BackupsProvider(database, clock),
        ]
    )
    keeper = Keeper(database, BackupStore(home, settings.backups, secrets), audit, events, clock, settings.backups)
    states = States(authorise, audit, events, clock)
    estimates = Estimates(authorise, repository)
    quotas = Quotas(authorise, repository, states, catalog.groups, providers, estimates)
    policies = Policies(authorise, repository, counted_policies(quotas))
    held = HeldSecrets(authorise, ConfigSecrets(authorise))
    gate = ApprovalGate(authorise, repository, identity.accounts.principal)
    engine = Engine(
        database,
        authorise,
        audit,
        events,
        clock,
        secrets,
        providers,
        policies,
        held,
        WaiversInForce(clock),
        gate,
        estimates=estimates,
        last_keeper=keeper,
    )
    telling = Telling(audit, events)
    approvals = Approvals(authorise, operations, engine, gate, telling, clock)
    waiting = Waiting(gate, engine, telling, clock)

    builds = Builds(home, authorise, audit, clock, settings.builds)
    pruning = Pruning(home, authorise, audit, operations, clock, settings.builds)
    operations.register(PRUNE, pruning.run)
    own = {urlsplit(url).port or 80: "the platform's own"}
    planning = Planning(
        repository, builds, engine, runtimes, catalog.groups, lambda: {**own, gateway.addresses.port: "the gateway's"}
    )
    directory = Directory(authorise, planning)
    applications = Applications(authorise, audit, operations, directory, planning, engine, runtimes, secrets, clock)
    requests = Requests(authorise, audit, operations, planning, clock)
    handing = Handing(authorise, secrets, providers)
    editor = StateEditor(authorise, audit, events, clock, secrets, providers)
    rotating = Rotating(database, handing, editor, providers.values())
    resources = Resources(
        audit,
        directory,
        planning,
        builds,
        engine,
        Revealing(authorise, secrets, held),
        repository,
        requests,
        rotating,
        clock,
    )
    backups = Backups(
        authorise, audit, operations, directory, resources, repository, handing, keeper, kept(providers.values())
    )
    operations.register(BACKUP, BackingUp(keeper, handing, events).run)
    operations.register(RESTORE, Restoring(keeper, handing).run)
    jobs = Jobs(directory, ScheduledJobs(database, driver, authorise, audit, recorder, clock))
    deployments = Deployments(planning, builds, engine, events, secrets, clock, waiting, sandboxed=isolation().sandbox)
    operations.register("deployment", deployments.run)
    operations.register(ROTATION, Rotations(planning, rotating, deployments).run)
    building = Building(authorise, audit, operations, directory, planning, builds, secrets)
    operations.register(BUILD, building.run)
    destructions = Destructions(planning, engine, events, waiting)
    operations.register("destruction", destructions.run)

    module_secrets = ModuleSecrets(authorise, editor, secrets, clock)
    sources = Sources(authorise, repository, InForce(authorise, planning), states, module_secrets)
    stack_planner = StackPlanner(authorise, audit, operations, sources, engine)
    stacks = Stacks(authorise, audit, operations, sources, stack_planner, engine, states, editor, module_secrets)
    operations.register(APPLY, Applies(engine, destructions, waiting, clock).run)
    operations.register(REFRESH, Refreshes(engine, states, editor).run)
    operations.register(DRIFT, Drifts(engine, states, sources, stack_planner, clock).run)
    approvals.plan_again_by("deployment", requests.again)
    approvals.plan_again_by("destruction", applications.destroy_again)
    approvals.plan_again_by(APPLY, stacks.again)
    subjects = WaiverSubjects(sources, states, engine)
    waivers = Waivers(authorise, audit, events, clock, policies, subjects, settings.waivers)

    foresight = Foresight(authorise, secrets, providers, held)
    replanning = Replanning(authorise, planning)
    examples = Examples(repository.building_blocks, foresight)
    impacts = Impacts(repository, replanning, foresight)
    blocks = Blocks(authorise, audit, clock, repository, replanning, examples, impacts)

    golden_paths = GoldenPaths(
        root=repository.folder,
        home=home,
        operations=operations,
        catalog=catalog,
        deployer=FolderDeployer(applications, directory, builds),
        authorise=authorise,
        audit=audit,
    )
    checking = Checking(authorise, foresight, repo_checks(authorise, golden_paths))
    resource_types = ResourceTypes(authorise, providers)
    doctor = Doctor(
        authorise,
        clock,
        home=home,
        url=url,
        isolation=isolation(),
        components=components(databases, gateway, servers),
        counts=counts(applications, golden_paths),
        portal_built=lambda: load_assets(DIST) is not None,
    )

    block_costs = BlockCosts(estimates, repository)
    routers = [
        identity_routes.router(identity),
        audit_routes.router(audit),
        operation_routes.router(operations),
        platform_routes.router(repository),
        policy_routes.router(policies),
        block_routes.router(blocks, checking),
        quota_routes.router(quotas),
        catalog_routes.router(catalog),
        build_routes.router(builds),
        building_routes.router(building, pruning),
        application_routes.router(applications),
        resource_router(resources),
        job_routes.router(jobs),
        backup_routes.router(backups),
        stack_routes.router(stacks),
        waiver_routes.router(waivers, clock),
        approval_routes.router(approvals),
        block_cost_routes.router(block_costs),
        cost_routes.router(Costs(authorise, estimates, states, engine)),
        golden_path_routes.router(golden_paths),
        type_routes.router(resource_types),
        doctor_routes.router(doctor),
    ]
    pages = portal.router(
        PortalServices(
            database=database,
            clock=clock,
            sessions=identity.sessions,
            applications=applications,
            resources=resources,
            blocks=blocks,
            jobs=jobs,
            stacks=stacks,
            block_costs=block_costs,
            operations=operations,
            golden_paths=golden_paths,
            resource_types=resource_types,
            policies=policies,
            waivers=waivers,
            approvals=approvals,
            quotas=quotas,
            catalog=catalog,
            platform=repository,
            status=doctor,
            audit=audit,
            backups=backups,
        )
    )
    app = create_app(
        database=database,
        identity=identity,
        audit=audit,
        routers=routers,
        pages=[pages],
        public_pages=portal.PUBLIC,
        login_page="/login",
        error_page=portal.error_page(clock),
        body_limits=BODY_LIMITS,
        settings=settings.api,
    )
    return Platform(
        app=app,
        database=database,
        identity=identity,
        events=events,
        worker=worker,
        gateway=gateway,
        gateway_controller=GatewayController(gateway),
        controller=Controller(tools),
        repository=repository,
        catalog=catalog,
        servers=servers,
        waivers=WaiverSchedule(database, audit, events, settings.waivers, clock),
        approvals=ApprovalSchedule(database, operations, approvals, telling, clock),
        drift=DriftSchedule(database, operations, repository, sources, states, clock),
        prune=PruneSchedule(database, pruning, settings.builds, clock),
        backups=BackupSchedules(database, backups, keeper, events, clock),
    )
