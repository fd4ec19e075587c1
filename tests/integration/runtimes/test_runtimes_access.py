"""Who may what: nobody may anything, and each call names its action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fakes.access import Recording
from roadbed.kit.errors import Unauthenticated
from roadbed.runtimes.domain import Rollout, Workload
from roadbed.runtimes.service import Runtimes
from roadbed.storage.call import Call
from runtime_site import KEY, STACK, Site

Ask = Callable[[Runtimes, Call], Awaitable[Any]]

CALLS: dict[str, tuple[str, Ask]] = {
    "services": ("application.view", lambda runtimes, call: runtimes.services(call, STACK)),
    "health": ("application.view", lambda runtimes, call: runtimes.health(call, STACK)),
    "overview": ("application.view", lambda runtimes, call: runtimes.overview(call, [STACK])),
    "replicas": ("application.view", lambda runtimes, call: runtimes.replicas(call, STACK)),
    "rollouts": ("application.view", lambda runtimes, call: runtimes.rollouts(call, STACK)),
    "logs": ("application.logs", lambda runtimes, call: runtimes.logs(call, STACK)),
    "service": ("application.view", lambda runtimes, call: runtimes.service(call, KEY)),
    "unsettled": ("application.view", lambda runtimes, call: runtimes.unsettled(call, KEY)),
    "remove": ("runtime.change", lambda runtimes, call: runtimes.remove(call, KEY)),
    "declare": (
        "runtime.change",
        lambda runtimes, call: runtimes.declare(call, KEY, Workload("a"), replicas=1, release=1, owner=None),
    ),
}


@pytest.mark.parametrize("name", CALLS)
async def test_nobody_is_refused(site: Site, name: str) -> None:
    with pytest.raises(Unauthenticated):
        async with site.tools.database.call(None) as call:
            await CALLS[name][1](site.runtimes, call)


@pytest.mark.parametrize("name", CALLS)
async def test_each_call_names_its_action(site: Site, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Recording()
    monkeypatch.setattr(site.runtimes, "_authorise", asked)
    action, ask = CALLS[name]
    async with site.tools.database.session() as session:
        await ask(site.runtimes, Call(session, _viewer()))
        await session.rollback()
    assert asked.asked == [("user:vera", action, "application orders")]


def test_every_public_method_is_listed() -> None:
    public = {name for name in vars(Runtimes) if not name.startswith("_")}
    assert public == {*CALLS, "rollout", "progress"}  # these two take what `declare` gave


async def test_changes_are_audited(site: Site) -> None:
    async with site.tools.database.call(_viewer()) as call:
        await site.runtimes.remove(call, KEY)
    (entry,) = site.audit.entries
    assert (entry.action, entry.target) == ("runtime.change", "application orders")


async def test_a_rollout_is_seen_by_who_may_see_the_application(site: Site) -> None:
    desired = site.desired(1)
    await site.apply(desired)
    async with site.tools.database.call(_viewer()) as call:
        rollout: Rollout = (await site.runtimes.rollouts(call, STACK))[0]
    for ask in (
        lambda call: site.runtimes.rollout(call, rollout.id),
        lambda call: site.runtimes.progress(call, rollout),
    ):
        with pytest.raises(Unauthenticated):
            async with site.tools.database.call(None) as call:
                await ask(call)


def _viewer() -> Any:
    from roadbed.kit.access import Grant, Principal

    return Principal("user", "vera", grants=(Grant("viewer"),))
