"""ROADBED_API__…: what the server answers to."""

from pydantic import BaseModel, Field


class ApiSettings(BaseModel):
    hosts: list[str] = Field(
        default_factory=list,
        description="Host names that the server answers to besides localhost; `*.example.com` for those below one.",
    )
    max_body_mb: int = Field(default=1, ge=1, description="Largest request, where its route has no limit of its own.")
