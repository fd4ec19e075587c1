"""Environments on the wire."""

from pydantic import BaseModel, ConfigDict


class EnvironmentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    kind: str
    runtime: str
    description: str


class EnvironmentPage(BaseModel):
    items: list[EnvironmentOut]
    next: None = None
