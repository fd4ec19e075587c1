"""An identity with quick hashing, its first owner, and people with a role, for tests."""

from __future__ import annotations

from argon2 import PasswordHasher

from roadbed.audit.service import Audit
from roadbed.identity.authorisation import Authoriser
from roadbed.identity.passwords import Passwords
from roadbed.identity.service import Identity
from roadbed.kit.access import EVERYTHING, Principal, Role, system
from roadbed.kit.clock import Clock, FixedClock
from roadbed.storage.database import Database

PASSWORD = "correct horse battery staple"


class People:
    """`identity` over `database`, with accounts made through its own door."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self.database = database
        self.clock = clock or FixedClock()
        authoriser = Authoriser()
        self.audit = Audit(authoriser.authorise, self.clock)
        self.identity = Identity(
            database,
            self.audit,
            self.clock,
            authoriser=authoriser,
            passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        )

    async def owner(self) -> Principal:
        """The first owner, `root`; made when it isn't there."""
        async with self.database.call(system("start")) as call:
            await self.identity.accounts.bootstrap(call, "root")
            return await self.identity.accounts.principal(call, "root")

    async def person(
        self, name: str, role: Role | None = None, scope: str = EVERYTHING, password: str | None = PASSWORD
    ) -> Principal:
        """Somebody with one role, or none."""
        async with self.database.call(await self.owner()) as call:
            await self.identity.accounts.create(call, name, password=password)
            if role is not None:
                await self.identity.grants.add(call, f"user:{name}", role, scope)
            return await self.identity.accounts.principal(call, name)

    async def token(self, principal: Principal) -> str:
        async with self.database.call(principal) as call:
            return (await self.identity.tokens.create(call, name="test")).text
