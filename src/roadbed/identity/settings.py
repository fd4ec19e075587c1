"""ROADBED_IDENTITY__…: how long logins last."""

from pydantic import BaseModel, Field


class IdentitySettings(BaseModel):
    login_days: int = Field(default=30, ge=1, le=365, description="How long the token of `roadbed login` is good for.")
    session_hours: int = Field(default=7 * 24, ge=1, description="How long a login in the portal lasts at most.")
    session_idle_hours: int = Field(default=24, ge=1, description="How long it lasts without being used.")
    code_minutes: int = Field(default=10, ge=1, le=60, description="How long a one-time login code is good for.")
    login_attempts: int = Field(default=5, ge=1, description="Wrong passwords from one address before a wait.")
