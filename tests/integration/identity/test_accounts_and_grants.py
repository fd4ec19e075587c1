"""Accounts, the first of them, and who may give which role."""

from __future__ import annotations

import asyncio

import pytest

from platform_people import PASSWORD, People
from roadbed.identity.domain import Bootstrap
from roadbed.kit.access import Grant, system
from roadbed.kit.errors import Conflict, InvalidInput, NotFound, Refused, Unauthenticated

PAYMENTS, OTHERS = "group:default/payments", "group:default/others"


async def test_the_first_start_makes_one_owner_without_a_password(people: People) -> None:
    async def start() -> Bootstrap | None:
        async with people.database.call(system("start")) as call:
            return await people.identity.accounts.bootstrap(call, "root")

    starts = [made for made in await asyncio.gather(start(), start(), start()) if made is not None]
    assert len(starts) == 1
    assert not starts[0].user.has_password
    async with people.database.call(None) as call:
        principal = await people.identity.tokens.authenticate(call, starts[0].token)
        assert principal.grants == (Grant("owner", "*"),)
        assert await people.identity.logins.with_code(call, starts[0].one_time_code) == principal


async def test_nobody_but_the_platform_bootstraps(people: People) -> None:
    async with people.database.call(await people.owner()) as call:
        with pytest.raises(Refused, match="only the platform itself"):
            await people.identity.accounts.bootstrap(call, "eve")
        with pytest.raises(Refused):
            await people.identity.accounts.recover(call, "root")


async def test_who_holds_the_files_recovers_a_lost_token(people: People) -> None:
    await people.owner()
    async with people.database.call(system("start")) as call:
        again = await people.identity.accounts.recover(call, "root")
        assert (await people.identity.tokens.authenticate(call, again.token)).name == "root"


async def test_names_are_unique_and_checked(people: People) -> None:
    async with people.database.call(await people.owner()) as call:
        await people.identity.accounts.create(call, "ada.lovelace")
        with pytest.raises(Conflict):
            await people.identity.accounts.create(call, "ada.lovelace")
        for name in ("", "Ada", "a b", "../x", "x" * 64):
            with pytest.raises(InvalidInput):
                await people.identity.accounts.create(call, name)
        with pytest.raises(InvalidInput):
            await people.identity.accounts.create(call, "ci", kind="service", password=PASSWORD)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "x" * 2000, "grace-hopper1"])
async def test_weak_passwords_are_refused_and_not_quoted(people: People, password: str) -> None:
    async with people.database.call(await people.owner()) as call:
        with pytest.raises(InvalidInput) as caught:
            await people.identity.accounts.create(call, "grace-hopper", password=password)
    assert password not in str(caught.value)


async def test_who_is_no_owner_manages_no_accounts(people: People) -> None:
    operator = await people.person("op", "operator")
    async with people.database.call(operator) as call:
        assert [account.name for account in await people.identity.accounts.list(call)] == ["op", "root"]
        with pytest.raises(Refused):
            await people.identity.accounts.create(call, "eve")
        with pytest.raises(Refused):
            await people.identity.accounts.set_password(call, "root", PASSWORD)
    async with people.database.call(await people.person("dev", "developer")) as call:
        assert (await people.identity.accounts.get(call, "dev")).name == "dev"
        with pytest.raises(NotFound):
            await people.identity.accounts.get(call, "root")
        with pytest.raises(Refused):
            await people.identity.accounts.list(call)


async def test_the_own_password_takes_the_current_one(people: People) -> None:
    ada = await people.person("ada")
    async with people.database.call(ada) as call:
        with pytest.raises(Refused, match="current password"):
            await people.identity.accounts.set_password(call, "ada", "another good sentence", current="wrong")
        cookie = await people.identity.sessions.open(call)
        await people.identity.accounts.set_password(call, "ada", "another good sentence", current=PASSWORD)
        assert await people.identity.sessions.session(call, cookie) is None
        assert await people.identity.logins.with_password(call, "ada", "another good sentence") == ada


async def test_a_disabled_account_is_out_at_once_and_for_good(people: People) -> None:
    ada = await people.person("ada")
    token = await people.token(ada)
    async with people.database.call(ada) as call:
        cookie = await people.identity.sessions.open(call)
    async with people.database.call(await people.owner()) as call:
        await people.identity.accounts.set_active(call, "ada", active=False)
        assert await people.identity.sessions.session(call, cookie) is None
        for proof in (
            people.identity.tokens.authenticate(call, token),
            people.identity.logins.with_password(call, "ada", PASSWORD),
        ):
            with pytest.raises(Unauthenticated):
                await proof
        await people.identity.accounts.set_active(call, "ada", active=True)
        with pytest.raises(Unauthenticated, match="revoked"):
            await people.identity.tokens.authenticate(call, token)


async def test_roles_reach_people_through_their_groups(people: People) -> None:
    await people.person("ada")
    async with people.database.call(await people.owner()) as call:
        await people.identity.grants.add(call, PAYMENTS, "developer", PAYMENTS)
    async with people.database.call(system("catalog")) as call:
        assert await people.identity.grants.sync_groups(call, {PAYMENTS: ["ada", "not-yet"], OTHERS: []}) == 2
        assert await people.identity.grants.sync_groups(call, {PAYMENTS: ["ada", "not-yet"]}) == 0
        ada = await people.identity.accounts.principal(call, "ada")
        assert (ada.groups, ada.grants) == (frozenset({PAYMENTS}), (Grant("developer", PAYMENTS),))
        await people.identity.grants.sync_groups(call, {})
        assert (await people.identity.accounts.principal(call, "ada")).grants == ()


async def test_the_owner_of_a_group_grants_within_it_only(people: People) -> None:
    lead = await people.person("lead", "owner", PAYMENTS)
    await people.person("ada")
    async with people.database.call(lead) as call:
        made = await people.identity.grants.add(call, "user:ada", "operator", PAYMENTS)
        assert await people.identity.grants.add(call, "user:ada", "operator", PAYMENTS) == made
        for scope in ("*", OTHERS):
            with pytest.raises(Refused):
                await people.identity.grants.add(call, "user:lead", "owner", scope)
        assert {grant.scope for grant in await people.identity.grants.list(call)} == {PAYMENTS}
        await people.identity.grants.remove(call, made.id)
        with pytest.raises(Refused):
            await people.identity.accounts.create(call, "eve")


async def test_who_manages_no_grants_sees_none(people: People) -> None:
    async with people.database.call(await people.person("op", "operator")) as call:
        with pytest.raises(Refused):
            await people.identity.grants.list(call)


@pytest.mark.parametrize("subject", ["ada", "robot:x", "group:payments", "user:nobody-here", "service:ada"])
async def test_only_who_can_exist_holds_a_role(people: People, subject: str) -> None:
    await people.person("ada")
    async with people.database.call(await people.owner()) as call:
        with pytest.raises((InvalidInput, NotFound)):
            await people.identity.grants.add(call, subject, "viewer")


async def test_somebody_always_owns_the_platform(people: People) -> None:
    root = await people.owner()
    async with people.database.call(root) as call:
        (only,) = await people.identity.grants.list(call)
    with pytest.raises(Conflict, match="own the platform"):
        async with people.database.call(root) as call:
            await people.identity.grants.remove(call, only.id)
    with pytest.raises(Conflict, match="last owner"):
        async with people.database.call(root) as call:
            await people.identity.accounts.set_active(call, "root", active=False)
    await people.person("second", "owner")
    async with people.database.call(root) as call:
        await people.identity.accounts.set_active(call, "root", active=False)


async def test_two_owners_can_not_take_each_other_away_at_once(people: People) -> None:
    root, second = await people.owner(), await people.person("second", "owner")

    async def disable(name: str) -> None:
        async with people.database.call(second if name == "root" else root) as call:
            await people.identity.accounts.set_active(call, name, active=False)

    outcomes = await asyncio.gather(disable("root"), disable("second"), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
