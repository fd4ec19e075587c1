"""What runs on this machine, and the providers by which resources are made."""

from __future__ import annotations

from roadbed.backups.provider import BackupsProvider
from roadbed.catalog.provider import CatalogProvider
from roadbed.gateway.provider import GatewayProvider
from roadbed.gateway.service import Gateway
from roadbed.gateway.traefik.driver import Traefik
from roadbed.main.embedded import EmbeddedServers
from roadbed.main.parts.ground import Ground
from roadbed.providers.command.provider import CommandProvider
from roadbed.providers.file.provider import FileProvider
from roadbed.providers.nats.provider import NatsProvider
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.postgres.server import ApplicationServer
from roadbed.providers.redis.provider import RedisProvider
from roadbed.providers.registry import with_plugins
from roadbed.providers.s3.provider import S3Provider
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


class Machine:
    def __init__(self, ground: Ground) -> None:
        home, settings, database, clock = ground.home, ground.settings, ground.database, ground.clock
        authorise, audit, secrets, events = ground.authorise, ground.audit, ground.secrets, ground.events
        self.gateway = Gateway(Traefik(home / "gateway", settings.gateway), database, authorise, audit)
        self.driver = ProcessDriver(home, settings.runtimes)
        self.tools = Tools(database, self.driver, self.gateway, secrets, events, clock, settings.runtimes)
        self.runtimes = Runtimes(database, self.driver, VolumeSizes(home), authorise, clock)
        recorder = Recorder(events, clock)
        self.scheduled_jobs = ScheduledJobs(database, self.driver, authorise, audit, recorder, clock)
        self.servers = EmbeddedServers(home)
        declarations = Declarations(self.driver, authorise, audit, secrets, events, clock, settings.runtimes)
        schedules = ScheduleDeclarations(authorise, audit, secrets, recorder, clock)
        self.providers = with_plugins(
            [
                PostgresProvider(ApplicationServer(ground.databases.applications)),
                RedisProvider(self.servers.redis),
                NatsProvider(self.servers.nats),
                S3Provider(self.servers.s3),
                GatewayProvider(self.gateway, database),
                RuntimeProvider(declarations, ReleaseJobs(self.tools), Volumes(home), database, events),
                ScheduledJobProvider(schedules, self.driver, database, events),
                CatalogProvider(ground.catalog, database),
                FileProvider([home / "files"]),
                CommandProvider(home / "commands"),
                BackupsProvider(database, clock),
            ]
        )
