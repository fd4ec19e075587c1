"""What a provider inherits whose resources live in the state and nowhere else: values that were made once.

Making one changes nothing in the world, so a creation whose outcome was lost is simply made again: nobody has seen the
first value, because whatever depends on it starts only after the outcome is recorded.
"""

from __future__ import annotations

from roadbed.kit.errors import InvalidInput
from roadbed.providers.driver import Actual, Desired, Report


class Kept:
    """Reading gives what the state holds; removing and settling are nothing."""

    async def read(self, desired: Desired, id: str) -> Actual | None:
        """None for what isn't in the state: such a value can't be imported."""
        if not desired.outputs and not desired.secrets:
            return None
        return Actual(id, dict(desired.outputs), dict(desired.secrets))

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        """It goes with its row."""

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing is ever under way."""


def identity(desired: Desired) -> str:
    """The creation's token: the halves of a replacement have different ones. The URN where there is none."""
    return desired.token or desired.urn


def refuse_secrets(desired: Desired, property: str, hint: str) -> None:
    """Raises InvalidInput if that property, or anything in it, is secret."""
    if any(path == property or path.startswith(f"{property}.") for path in desired.secret_paths):
        raise InvalidInput(f"{property!r} of {desired.urn} is secret, and may not be", hint=hint)
