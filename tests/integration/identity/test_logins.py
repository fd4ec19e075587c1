"""Passwords, one-time codes, sessions and tokens, and what keeps strangers from trying for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from platform_people import PASSWORD, People
from roadbed.identity.errors import TooManyAttempts
from roadbed.kit.access import Principal
from roadbed.kit.clock import FixedClock
from roadbed.kit.errors import InvalidInput, NotFound, Refused, RoadbedError, Unauthenticated


async def log_in(people: People, name: str, password: str, address: str = "192.0.2.1") -> Principal:
    async with people.database.call(None) as call:
        return await people.identity.logins.with_password(call, name, password, address=address)


async def test_the_right_password_logs_in(people: People) -> None:
    ada = await people.person("ada", "viewer")
    assert await log_in(people, "ada", PASSWORD) == ada


async def test_what_is_wrong_is_not_said(people: People) -> None:
    await people.person("ada")
    await people.person("no-password", password=None)
    messages = set()
    for name in ("ada", "no-password", "nobody"):
        with pytest.raises(Unauthenticated) as caught:
            await log_in(people, name, "a wrong password")
        messages.add(str(caught.value))
    assert messages == {"wrong user name or password"}


async def test_failures_are_audited_although_the_request_is_rolled_back(people: People) -> None:
    with pytest.raises(Unauthenticated):
        await log_in(people, "ada", "a wrong password")
    async with people.database.call(await people.owner()) as call:
        (record,) = (await people.audit.list(call, action="user.login")).items
    assert (record.principal, record.target, record.outcome) == ("nobody", "user ada", "refused")
    assert record.detail == {"address": "192.0.2.1", "reason": "wrong user name or password"}


async def test_wrong_passwords_make_wait_longer_and_longer(people: People, clock: FixedClock) -> None:
    await people.person("ada")
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await log_in(people, "ada", "a wrong password")
    with pytest.raises(TooManyAttempts) as caught:
        await log_in(people, "ada", PASSWORD)
    assert caught.value.retry_after == 30
    await log_in(people, "ada", PASSWORD, address="198.51.100.7")
    clock.at += timedelta(seconds=30)
    with pytest.raises(Unauthenticated):
        await log_in(people, "ada", "a wrong password")
    with pytest.raises(TooManyAttempts) as caught:
        await log_in(people, "ada", PASSWORD)
    assert caught.value.retry_after == 60
    clock.at += timedelta(seconds=60)
    await log_in(people, "ada", PASSWORD)
    with pytest.raises(Unauthenticated):
        await log_in(people, "ada", "a wrong password")


async def test_tries_at_the_same_time_count_each(people: People) -> None:
    await people.person("ada")
    tries = [log_in(people, "ada", "a wrong password") for _ in range(12)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    kinds = [type(outcome) for outcome in outcomes]
    assert (kinds.count(Unauthenticated), kinds.count(TooManyAttempts)) == (5, 7)


async def test_a_code_logs_in_once_and_not_for_long(people: People, clock: FixedClock) -> None:
    ada = await people.person("ada")
    async with people.database.call(ada) as call:
        code, late = await people.identity.logins.new_code(call), await people.identity.logins.new_code(call)

    async def redeem(text: str) -> Principal:
        async with people.database.call(None) as call:
            return await people.identity.logins.with_code(call, text)

    outcomes = await asyncio.gather(*(redeem(code.text) for _ in range(4)), return_exceptions=True)
    assert [outcome for outcome in outcomes if isinstance(outcome, Principal)] == [ada]
    clock.at += timedelta(minutes=10)
    for text_ in (late.text, "0" * 64, ""):
        with pytest.raises(Unauthenticated):
            await redeem(text_)


async def test_a_session_ends_by_time_by_disuse_and_by_logging_out(people: People, clock: FixedClock) -> None:
    ada = await people.person("ada")
    sessions = people.identity.sessions
    async with people.database.call(None) as call:
        cookie = await sessions.log_in(call, "ada", PASSWORD)
        other = await sessions.log_in(call, "ada", PASSWORD)
        found, found_other = await sessions.session(call, cookie), await sessions.session(call, other)
        assert found is not None
        assert found_other is not None
        assert found.principal == ada
        assert found.csrf != found_other.csrf
        assert cookie not in found.csrf
        await sessions.log_out(call, other)
        await sessions.log_out(call, "unknown")
        assert await sessions.session(call, other) is None
        for _ in range(7):
            assert await sessions.session(call, cookie) is not None
            clock.at += timedelta(hours=23, minutes=59)
        clock.at += timedelta(hours=1)
        assert await sessions.session(call, cookie) is None
        idle = await sessions.log_in(call, "ada", PASSWORD)
        clock.at += timedelta(hours=24)
        assert await sessions.session(call, idle) is None


async def test_a_token_works_until_it_expires_or_is_revoked(people: People, clock: FixedClock) -> None:
    ada = await people.person("ada", "viewer")
    tokens = people.identity.tokens
    async with people.database.call(ada) as call:
        created = await tokens.create(call, name="ci", expires_in=timedelta(days=1))
        assert await tokens.authenticate(call, created.text) == ada
        (listed,) = await tokens.list(call)
        assert listed.last_used_at == clock.at
        assert created.text not in repr(listed)
        lasting = await tokens.create(call, name="lasting")
        clock.at += timedelta(days=1)
        with pytest.raises(Unauthenticated, match="expired"):
            await tokens.authenticate(call, created.text)
        await tokens.revoke(call, lasting.token.id)
        await tokens.revoke(call, lasting.token.id)
        with pytest.raises(Unauthenticated, match="revoked"):
            await tokens.authenticate(call, lasting.text)


async def test_a_token_with_a_wrong_secret_part_says_nothing(people: People) -> None:
    token = await people.token(await people.person("ada"))
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    async with people.database.call(None) as call:
        for text_ in (wrong, "rbt_x", "", "rbt_" + "0" * 20 + "_" + "0" * 64, token.upper()):
            with pytest.raises(Unauthenticated, match="not known here"):
                await people.identity.tokens.authenticate(call, text_)


async def test_tokens_of_others_are_out_of_sight(people: People) -> None:
    ada, eve = await people.person("ada"), await people.person("eve", "operator")
    async with people.database.call(ada) as call:
        created = await people.identity.tokens.create(call, name="ci")
    async with people.database.call(eve) as call:
        with pytest.raises(NotFound):
            await people.identity.tokens.revoke(call, created.token.id)
        for attempt in (
            people.identity.tokens.list(call, user="ada"),
            people.identity.tokens.create(call, name="x", user="ada"),
        ):
            with pytest.raises(Refused):
                await attempt
    async with people.database.call(await people.owner()) as call:
        assert created.token in await people.identity.tokens.list(call, user="*")
        await people.identity.tokens.revoke(call, created.token.id)


async def test_a_token_can_not_begin_expired(people: People) -> None:
    async with people.database.call(await people.person("ada")) as call:
        with pytest.raises(InvalidInput):
            await people.identity.tokens.create(call, name="x", expires_in=timedelta(0))


async def test_no_secret_is_in_the_database(people: People) -> None:
    ada = await people.person("ada")
    token = await people.token(ada)
    async with people.database.call(ada) as call:
        code = await people.identity.logins.new_code(call)
        cookie = await people.identity.sessions.open(call)
    async with people.database.session() as session:
        tables = await session.scalars(text("SELECT tablename FROM pg_tables WHERE tablename ~ '^(identity|audit)_'"))
        stored = ""
        for table in tables.all():
            stored += "".join(map(str, await session.scalars(text(f"SELECT to_jsonb(t)::text FROM {table} t"))))
    assert "argon2id" in stored
    assert not [secret for secret in (PASSWORD, token.rsplit("_")[-1], code.text, cookie) if secret in stored]


async def test_nobody_is_refused(people: People) -> None:
    identity = people.identity
    async with people.database.call(None) as call:
        for attempt in (
            identity.accounts.list(call),
            identity.accounts.get(call, "root"),
            identity.accounts.principal(call, "root"),
            identity.accounts.create(call, "eve"),
            identity.accounts.set_password(call, "root", PASSWORD),
            identity.accounts.set_active(call, "root", active=True),
            identity.accounts.bootstrap(call, "eve"),
            identity.accounts.recover(call, "root"),
            identity.tokens.create(call, name="x"),
            identity.tokens.create(call, name="x", user="root"),
            identity.tokens.for_login(call),
            identity.tokens.list(call),
            identity.tokens.revoke(call, "rbt_1"),
            identity.logins.new_code(call),
            identity.sessions.open(call),
            identity.grants.list(call),
            identity.grants.add(call, "user:eve", "owner"),
            identity.grants.remove(call, "grant_1"),
            identity.grants.sync_groups(call, {}),
            people.audit.list(call),
        ):
            with pytest.raises(Unauthenticated):
                await attempt


def test_errors_of_identity_are_shown_to_users() -> None:
    assert issubclass(TooManyAttempts, RoadbedError)
    assert TooManyAttempts(30).to_dict()["status"] == 429
