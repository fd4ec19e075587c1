"""Settings of the gateway: `ROADBED_GATEWAY__PORT` and so on."""

from __future__ import annotations

from pydantic import BaseModel, Field


class GatewaySettings(BaseModel):
    """Ports are where the search for a free one begins; what was found is kept, so that URLs stay the same."""

    host: str = Field(default="127.0.0.1", description="The address on which applications are served.")
    port: int = Field(default=8000, ge=1, le=65_535, description="The port on which applications are served.")
    internal_port: int = Field(default=21_000, ge=1024, le=64_000, description="The first loopback port of the pool.")
    internal_ports: int = Field(default=64, ge=1, le=512, description="How many internal endpoints there can be.")
