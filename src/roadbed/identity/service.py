"""The door of identity, with a room for each thing."""

from __future__ import annotations

from roadbed.audit.service import Audit
from roadbed.identity.accounts import Accounts
from roadbed.identity.authorisation import Authoriser
from roadbed.identity.desk import Desk
from roadbed.identity.grants import Grants
from roadbed.identity.login import Logins
from roadbed.identity.passwords import Passwords
from roadbed.identity.sessions import Sessions
from roadbed.identity.settings import IdentitySettings
from roadbed.identity.tokens import Tokens
from roadbed.kit.access import Principal, Target
from roadbed.kit.clock import Clock
from roadbed.storage.database import Database


class Identity:
    """`authorise` is what every service is given; `tokens.authenticate` and `sessions.session` are the API's."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        clock: Clock,
        *,
        authoriser: Authoriser | None = None,
        passwords: Passwords | None = None,
        settings: IdentitySettings | None = None,
    ) -> None:
        self._authoriser = authoriser or Authoriser()
        passwords = passwords or Passwords()
        desk = Desk(database, self._authoriser.authorise, audit, clock, settings or IdentitySettings())
        self.logins = Logins(desk, passwords)
        self.tokens = Tokens(desk)
        self.sessions = Sessions(desk, self.logins)
        self.accounts = Accounts(desk, passwords, self.tokens, self.logins)
        self.grants = Grants(desk)

    def authorise(self, principal: Principal | None, action: str, target: Target) -> None:
        """Returns, or raises Unauthenticated, NotFound or NotAllowed. See Authoriser."""
        self._authoriser.authorise(principal, action, target)
