"""ROADBED_WAIVERS__…: how long waivers may last, and how long before their end they are announced."""

from datetime import timedelta

from pydantic import BaseModel, Field


class WaiverSettings(BaseModel):
    most_days: int = Field(default=180, ge=1, le=3_650, description="How long a waiver may last.")
    announce_days: int = Field(default=7, ge=1, le=365, description="How long before its end it is announced.")

    @property
    def longest(self) -> timedelta:
        return timedelta(days=self.most_days)

    @property
    def soon(self) -> timedelta:
        return timedelta(days=self.announce_days)
