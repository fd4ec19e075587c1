"""The log grows and does nothing else; each sees what is about their teams."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from platform_people import People
from roadbed.kit.access import Role, Target, system
from roadbed.kit.errors import Refused
from roadbed.storage.database import Database

PAYMENTS, OTHERS = "group:default/payments", "group:default/others"


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


async def record(people: People, *names: str, owner: str | None = None, action: str = "application.deploy") -> None:
    async with people.database.call(system("engine")) as call:
        for name in names:
            target = Target("application", name, owner=owner, environment="dev")
            await people.audit.record(call, action, target, detail={"release": "v1", "password": "hunter22"})


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_records SET principal = 'nobody'", "DELETE FROM audit_records", "TRUNCATE audit_records"],
)
async def test_the_database_refuses_to_change_or_remove(people: People, statement: str) -> None:
    await record(people, "orders")
    with pytest.raises(DBAPIError, match="append-only"):
        async with people.database.session() as session:
            await session.execute(text(statement))


async def test_pages_go_from_the_newest_to_the_oldest(people: People) -> None:
    await record(people, *(f"app-{number}" for number in range(7)), action="test.page")
    seen, cursor = [], None
    async with people.database.call(await people.owner()) as call:
        while True:
            page = await people.audit.list(call, limit=3, cursor=cursor, action="test.page")
            seen += [item.target for item in page.items]
            if (cursor := page.next) is None:
                break
    assert seen == [f"application app-{number}" for number in range(6, -1, -1)]


async def test_records_are_found_by_target_principal_and_action(people: People) -> None:
    await record(people, "orders", "billing")
    async with people.database.call(await people.owner()) as call:
        for page in (
            await people.audit.list(call, target="orders"),
            await people.audit.list(call, target="application orders", principal="system:engine"),
            await people.audit.list(call, target="orders", action="application.deploy"),
        ):
            (found,) = page.items
            assert (found.target, found.principal) == ("application orders", "system:engine")
            assert found.detail == {"release": "v1", "password": "••••••"}
        assert not (await people.audit.list(call, target="orders", principal="ada")).items


async def test_a_record_goes_with_the_transaction_that_it_is_about(people: People) -> None:
    async def deploy_and_fail() -> None:
        async with people.database.call(system("engine")) as call:
            await people.audit.record(call, "application.deploy", Target("application", "orders"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await deploy_and_fail()
    async with people.database.call(await people.owner()) as call:
        assert not (await people.audit.list(call, target="orders")).items


@pytest.mark.parametrize("role", ["operator", "auditor"])
async def test_who_has_the_role_reads_what_is_about_the_own_teams(people: People, role: Role) -> None:
    await record(people, "orders", owner=PAYMENTS)
    await record(people, "billing", owner=OTHERS)
    reader = await people.person("reader", role, PAYMENTS)
    async with people.database.call(reader) as call:
        assert [item.target for item in (await people.audit.list(call)).items if item.environment] == [
            "application orders"
        ]


async def test_a_developer_reads_none_of_it(people: People) -> None:
    async with people.database.call(await people.person("dev", "developer", PAYMENTS)) as call:
        with pytest.raises(Refused, match="role auditor"):
            await people.audit.list(call)
