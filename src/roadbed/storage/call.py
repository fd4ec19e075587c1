"""What every service method gets first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.kit.access import Principal


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, in which transaction. The boundary that made it commits; a service never does."""

    session: AsyncSession
    principal: Principal | None

    def as_(self, principal: Principal) -> Call:
        """The same transaction in somebody else's name: how a service acts for the platform inside a user's call."""
        return Call(self.session, principal)
