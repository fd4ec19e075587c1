"""What a provider offers whose resources have credentials that can be exchanged while they are used."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from roadbed.sdk.providers import Actual, Desired, Report


@runtime_checkable
class RotatesCredentials(Protocol):
    """`rotated` are the types, of the provider's, whose credentials can be exchanged.

    Between `rotate` and `revoke` the old credentials and the new ones let in, so that those who use them can be
    exchanged one by one. If nobody ever calls `revoke`, the old ones go on.
    """

    rotated: ClassVar[frozenset[str]]

    async def rotate(self, desired: Desired, id: str, report: Report) -> Actual:
        """Makes new credentials beside those that `desired` has: all outputs and secrets as they are then.

        Called again after a crash it makes others; those that nobody knows end with `revoke`.
        """
        ...

    async def revoke(self, desired: Desired, id: str, report: Report) -> None:
        """Ends all credentials but those that `desired` has. Safe to call again."""
        ...
