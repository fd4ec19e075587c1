"""The types that providers know, without the servers and the database that making something takes."""

from __future__ import annotations

from roadbed.backups.provider import BackupsProvider
from roadbed.catalog.provider import CatalogProvider
from roadbed.gateway.provider import GatewayProvider
from roadbed.providers.command.provider import CommandProvider
from roadbed.providers.driver import Provider, ResourceType
from roadbed.providers.file.provider import FileProvider
from roadbed.providers.nats.provider import NatsProvider
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.redis.provider import RedisProvider
from roadbed.providers.registry import types_of, with_plugins
from roadbed.providers.s3.provider import S3Provider
from roadbed.runtimes.provider import RuntimeProvider
from roadbed.runtimes.scheduled.provider import ScheduledJobProvider

MACHINE: tuple[type[Provider], ...] = (
    BackupsProvider,
    CatalogProvider,
    CommandProvider,
    FileProvider,
    GatewayProvider,
    NatsProvider,
    PostgresProvider,
    RedisProvider,
    RuntimeProvider,
    S3Provider,
    ScheduledJobProvider,
)
"""Those that a running platform makes itself; the others come as plugins."""


def every_type() -> dict[str, ResourceType]:
    """By name, those of plugins that are installed here, too."""
    built_in = {name: declared for provider in MACHINE for name, declared in provider.types.items()}
    return built_in | types_of(with_plugins([]))
