"""Who may what: nobody may anything, and each call names its action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fakes.access import Recording
from roadbed.identity.authorisation import Authoriser
from roadbed.kit.access import Grant, Principal
from roadbed.kit.errors import NotFound, Unauthenticated
from roadbed.runtimes.declarations import Declarations
from roadbed.runtimes.domain import Rollout
from roadbed.runtimes.service import Runtimes
from roadbed.runtimes.workloads import Workload
from roadbed.storage.call import Call
from runtime_site import KEY, STACK, Site

Ask = Callable[[Site, Call], Awaitable[Any]]

CALLS: dict[str, tuple[str, Ask]] = {
    "services": ("application.view", lambda site, call: site.runtimes.services(call, STACK)),
    "fixed_ports": ("application.view", lambda site, call: site.runtimes.fixed_ports(call, STACK)),
    "volume_sizes": ("application.view", lambda site, call: site.runtimes.volume_sizes(call, STACK, [])),
    "replicas": ("application.view", lambda site, call: site.runtimes.replicas(call, STACK)),
    "rollouts": ("application.view", lambda site, call: site.runtimes.rollouts(call, STACK)),
    "logs": ("application.logs", lambda site, call: site.runtimes.logs(call, STACK)),
    "service": ("application.view", lambda site, call: site.declarations.service(call, KEY)),
    "workload": ("runtime.change", lambda site, call: site.declarations.workload(call, KEY)),
    "unsettled": ("application.view", lambda site, call: site.declarations.unsettled(call, KEY)),
    "remove": ("runtime.change", lambda site, call: site.declarations.remove(call, KEY)),
    "declare": (
        "runtime.change",
        lambda site, call: site.declarations.declare(call, KEY, Workload("a"), replicas=1, release=1, owner=None),
    ),
}


@pytest.mark.parametrize("name", CALLS)
async def test_nobody_is_refused(site: Site, name: str) -> None:
    with pytest.raises(Unauthenticated):
        async with site.tools.database.call(None) as call:
            await CALLS[name][1](site, call)


@pytest.mark.parametrize("name", CALLS)
async def test_each_call_names_its_action(site: Site, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Recording()
    for door in (site.runtimes, site.declarations):
        monkeypatch.setattr(door, "_authorise", asked)
    action, ask = CALLS[name]
    async with site.tools.database.session() as session:
        await ask(site, Call(session, _viewer()))
        await session.rollback()
    assert asked.asked == [("user:vera", action, "application orders")]


def test_every_public_method_is_listed() -> None:
    public = {name for door in (Runtimes, Declarations) for name in vars(door) if not name.startswith("_")}
    assert public == {*CALLS, "rollout", "progress", "interrupts"}  # these take what `declare` gave


async def test_logs_of_an_unknown_workload_name_those_that_there_are(site: Site) -> None:
    await site.apply(site.desired(1))
    async with site.tools.database.call(_viewer()) as call:
        with pytest.raises(NotFound, match="orders has no workload 'nope'") as caught:
            await site.runtimes.logs(call, STACK, workload="nope")
        assert caught.value.hint == f"its workloads are: {KEY.partition('/')[2]}"
        await site.runtimes.logs(call, STACK, workload=KEY.partition("/")[2])


@pytest.mark.parametrize("ask", ["services", "replicas", "fixed_ports", "logs"])
async def test_of_a_stack_that_runs_nothing_yet_the_owner_is_what_the_caller_says(
    site: Site, ask: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team's developer plans the first release: nothing is there that says whose it is to be."""
    monkeypatch.setattr(site.runtimes, "_authorise", Authoriser().authorise)
    principal = Principal("user", "dana", grants=(Grant("developer", "group:default/payments"),))
    async with site.tools.database.call(principal) as call:
        with pytest.raises(NotFound):
            await getattr(site.runtimes, ask)(call, STACK)
        await getattr(site.runtimes, ask)(call, STACK, owner="group:default/payments")


async def test_changes_are_audited(site: Site) -> None:
    async with site.tools.database.call(_viewer()) as call:
        await site.declarations.remove(call, KEY)
    (entry,) = site.audit.entries
    assert (entry.action, entry.target) == ("runtime.change", "application orders")


async def test_a_rollout_is_seen_by_who_may_see_the_application(site: Site) -> None:
    desired = site.desired(1)
    await site.apply(desired)
    async with site.tools.database.call(_viewer()) as call:
        rollout: Rollout = (await site.runtimes.rollouts(call, STACK))[0]
    for ask in (
        lambda call: site.declarations.rollout(call, rollout.id),
        lambda call: site.declarations.progress(call, rollout),
    ):
        with pytest.raises(Unauthenticated):
            async with site.tools.database.call(None) as call:
                await ask(call)


def _viewer() -> Any:
    return Principal("user", "vera", grants=(Grant("viewer"),))
