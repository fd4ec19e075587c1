"""Every setting of the platform: `ROADBED_<GROUP>__<NAME>`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from roadbed.api.settings import ApiSettings
from roadbed.backups.settings import BackupSettings
from roadbed.delivery.builds.settings import BuildSettings
from roadbed.gateway.settings import GatewaySettings
from roadbed.identity.settings import IdentitySettings
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.kit.home import roadbed_home
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.waivers.settings import WaiverSettings


class ListenSettings(ApiSettings):
    """Where the API and the portal listen. The port is where the search for a free one begins."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 7070


class DatabaseSettings(BaseModel):
    """`url` names an external PostgreSQL (`postgresql://…`); without it an embedded one is run.

    `applications_port` is where the search for a port of the applications' own server begins.
    """

    url: str | None = None
    applications_port: Annotated[int, Field(ge=1, le=65_535)] = 5433


class WorkerSettings(BaseModel):
    """How many operations run at once in this process."""

    concurrency: Annotated[int, Field(ge=1, le=100)] = 8


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ROADBED_", env_nested_delimiter="__", extra="ignore")

    api: ListenSettings = ListenSettings()
    backups: BackupSettings = BackupSettings()
    builds: BuildSettings = BuildSettings()
    database: DatabaseSettings = DatabaseSettings()
    gateway: GatewaySettings = GatewaySettings()
    identity: IdentitySettings = IdentitySettings()
    runtimes: RuntimeSettings = RuntimeSettings()
    waivers: WaiverSettings = WaiverSettings()
    worker: WorkerSettings = WorkerSettings()

    @property
    def home(self) -> Path:
        """All state is kept below it; ROADBED_HOME."""
        return roadbed_home()


def load_settings() -> Settings:
    """Raises InvalidInput that names each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            Problem(f"ROADBED_{'__'.join(str(part).upper() for part in item['loc'])}: {item['msg']}")
            for item in error.errors()
        ]
        raise InvalidInput("the settings can't be read", problems=problems) from error
    except SettingsError as error:  # it names the group alone: `error parsing value for field "api" from source …`
        group = str(error).partition('"')[2].partition('"')[0].upper()
        problem = Problem(f"ROADBED_{group}, or one that begins with ROADBED_{group}__, is no JSON but should be")
        raise InvalidInput("the settings can't be read", problems=[problem]) from error
