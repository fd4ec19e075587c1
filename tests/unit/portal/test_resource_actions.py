"""Backing up, restoring and rotating on an application's page."""

from __future__ import annotations

import httpx
import pytest

from fakes.portal import CSRF, World

BASE = "/applications/orders"
FORM = {"csrf": CSRF, "environment": "dev"}


async def test_backups_stand_on_the_page_of_resources(reader: httpx.AsyncClient) -> None:
    text = (await reader.get(f"{BASE}/resources")).text
    for said in ("bak_2", "1200 rows", "Verified", "Damaged", "has 2 rows and not 3", "backed up at 0 3 * * *"):
        assert said in text
    assert 'id="restore-1"' in text
    assert 'id="restore-2"' not in text, "nobody restores what is damaged"
    assert 'id="backup-1"' in text
    assert 'id="backup-2"' not in text, "it isn't there yet"


@pytest.mark.parametrize(
    ("path", "form", "done"),
    [
        ("resources/db/backup", {}, "back up db"),
        ("resources/db/rotate", {}, "rotate db"),
        ("restore", {"into": "db", "backup": "bak_2", "confirm": "db"}, "restore db from bak_2"),
    ],
)
async def test_each_is_done_and_followed(
    ada: httpx.AsyncClient, world: World, path: str, form: dict[str, str], done: str
) -> None:
    answer = await ada.post(f"{BASE}/{path}", data={**FORM, **form})
    assert (answer.status_code, answer.headers["location"]) == (303, "/operations/op_queued")
    assert world.done == [("resource", done)]


async def test_a_restore_asks_for_the_resources_name(reader: httpx.AsyncClient, world: World) -> None:
    answer = await reader.post(f"{BASE}/restore", data={**FORM, "into": "db", "backup": "bak_2", "confirm": "web"})
    assert answer.status_code == 422
    assert not world.done
