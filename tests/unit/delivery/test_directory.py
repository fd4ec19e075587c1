"""Which applications there are is told only to those who may see them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from fakes.access import OWNER
from roadbed.delivery import repository
from roadbed.delivery.directory import Directory
from roadbed.delivery.planning import Planning
from roadbed.delivery.repository import Record
from roadbed.identity.authorisation import Authoriser
from roadbed.kit.access import Grant, Principal, Target
from roadbed.kit.errors import NotFound, Refused
from roadbed.kit.names import StackName
from roadbed.platform.domain import Environment
from roadbed.storage.call import Call

HIDDEN = Record(StackName("orders", "dev"), "group:default/payments", None, None, None, datetime.now(UTC))


def hide(principal: Principal | None, action: str, target: Target) -> None:
    raise NotFound(f"{principal} sees no {target}", hint="ask an owner")


async def _environment(call: Call, name: str) -> Environment:
    return Environment(name, "development")


async def test_what_is_hidden_is_answered_like_what_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[Record] = [HIDDEN]

    async def application(session: object, stack: StackName) -> Record | None:
        return next((record for record in there if record.stack == stack), None)

    async def applications(session: object) -> list[Record]:
        return there

    monkeypatch.setattr(repository, "application", application)
    monkeypatch.setattr(repository, "applications", applications)
    directory = Directory(hide, cast(Planning, SimpleNamespace(environment=_environment)))
    answers = []
    for _ in range(2):
        with pytest.raises(NotFound) as caught:
            await directory.known(cast(Call, SimpleNamespace(session=None, principal=OWNER)), "orders", "dev", "x.view")
        answers.append((caught.value.message, caught.value.hint))
        there.clear()
    assert answers == [("there is no application 'orders' in dev", "see what there is: roadbed apps")] * 2


@pytest.mark.parametrize(("declared", "hint"), [(None, "which team owns it"), ("group:default/shop", "ask an owner")])
async def test_what_no_file_gives_to_a_team_is_refused_with_where_that_is_said(
    declared: str | None, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def owners(session: object, name: str) -> set[str | None]:
        return set()

    async def check_free(call: Call, name: str) -> None:
        return None

    monkeypatch.setattr(repository, "owners", owners)
    planning = cast(Planning, SimpleNamespace(environment=_environment, check_free=check_free))
    directory = Directory(Authoriser().authorise, planning)
    dana = Principal("user", "dana", grants=(Grant("developer", "group:default/payments"),))
    call = cast(Call, SimpleNamespace(session=None, principal=dana))
    owner = await directory.owner(call, "orders", declared)
    with pytest.raises(Refused) as caught:
        await directory.check_ownership(call, "orders", "dev", owner)
    assert hint in str(caught.value.hint)
