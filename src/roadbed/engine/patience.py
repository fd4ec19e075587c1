"""One call of a provider: tried again while it says so, ended when it takes too long, and never without an error that
can be shown.
"""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from roadbed.control.lost import is_lost
from roadbed.engine.errors import TimedOut
from roadbed.kit.errors import OperationFailed, RoadbedError
from roadbed.providers.driver import Report, Transient
from roadbed.secrets.masking import Masker

log = logging.getLogger(__name__)

T = TypeVar("T")

ATTEMPTS = 5
FIRST_DELAY_S = 0.2
MAX_TOLD = 500
TIMEOUT_S = 1800.0
"""For everything a provider does with one resource, retries included, unless `timeouts` says otherwise."""


async def patiently(
    what: str,
    work: Callable[[Report], Awaitable[T]],
    report: Report,
    *,
    limit: float | None = None,
    hide: Callable[[], Iterable[str]] = tuple,
) -> T:
    """Tries again, with growing and jittered delays, what the provider calls transient.

    Raises RoadbedError, or what says that the platform's own database is lost. `what` names provider and resource, as
    in "postgres:Database orders@dev/db"; `hide` gives the secrets that the provider was told.
    """
    limit = TIMEOUT_S if limit is None else limit
    try:
        async with asyncio.timeout(limit) as deadline:
            return await _retried(work, report)
    except RoadbedError:
        raise
    except Exception as error:
        if is_lost(error):
            raise
        if deadline.expired():
            hint = "see whether it is stuck; the resource's `timeouts` may allow it more"
            raise TimedOut(f"{what} timed out after {limit:g} s", hint=hint) from None
        raise _unexpected(what, error, Masker(hide())) from None


def _unexpected(what: str, error: Exception, masker: Masker) -> OperationFailed:
    """Its traceback is for the log; both are without the secrets that the provider knew."""
    trace = "".join(traceback.format_exception(error))
    log.error("the provider of %s failed:\n%s", what, masker.mask(trace))
    told = masker.mask(f"{type(error).__name__}: {error}")[:MAX_TOLD]
    hint = "this is an error in the provider: the server's log says more"
    return OperationFailed(f"the provider of {what} failed: {told}", hint=hint)


async def _retried(work: Callable[[Report], Awaitable[T]], report: Report) -> T:
    for attempt in range(1, ATTEMPTS):
        try:
            return await work(report)
        except Transient as error:
            delay = FIRST_DELAY_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries
            await report(f"{error.message}; trying again in {delay:.1f} s")
            await asyncio.sleep(delay)
    return await work(report)
