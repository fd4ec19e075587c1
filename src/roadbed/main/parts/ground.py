"""What everything stands on: who may, what is kept, what is under way."""

from __future__ import annotations

from roadbed.audit.service import Audit
from roadbed.catalog.service import Catalog
from roadbed.control.events import Events
from roadbed.control.service import Operations
from roadbed.control.worker import Worker
from roadbed.identity.authorisation import Authoriser
from roadbed.identity.service import Identity
from roadbed.kit.clock import SystemClock
from roadbed.main.databases import Databases
from roadbed.main.settings import Settings
from roadbed.platform.service import Platform as PlatformRepository
from roadbed.platform.spare import Spare
from roadbed.secrets.keyfile import load_or_create_key
from roadbed.secrets.service import Secrets
from roadbed.storage.database import Database


class Ground:
    def __init__(self, settings: Settings, database: Database, databases: Databases, url: str) -> None:
        self.settings, self.home, self.url = settings, settings.home, url
        self.database, self.databases = database, databases
        self.clock = SystemClock()
        authoriser = Authoriser()
        self.authorise = authoriser.authorise
        self.audit = Audit(self.authorise, self.clock)
        self.identity = Identity(database, self.audit, self.clock, authoriser=authoriser, settings=settings.identity)
        self.secrets = Secrets(load_or_create_key(self.home))
        self.events = Events(database)
        self.operations = Operations(database, self.authorise, self.audit, self.events, self.clock)
        self.worker = Worker(self.operations, concurrency=settings.worker.concurrency)
        self.spare = Spare()
        self.repository = PlatformRepository(self.home, self.authorise, self.spare)
        self.catalog = Catalog(self.authorise, self.audit, self.events, self.clock)
