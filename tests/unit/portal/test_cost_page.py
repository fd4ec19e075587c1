"""The page of what runs costs: by stack, team, environment and application, the last plans, and what isn't known."""

from __future__ import annotations

import re
from html import unescape

import httpx


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def test_what_runs_costs_and_what_is_not_known_of_it(reader: httpx.AsyncClient) -> None:
    said = text_of((await reader.get("/costs")).text)
    assert "Costs at least 8.20 USD a month, without orders@dev/files, whose cost is not known." in said
    assert "payments at least 4.10 USD" in said
    assert "prices.yaml:3:11: there is no currency 'EURO'" in said
    for title in ("By team", "By environment", "By application"):
        assert title in said
    assert "orders@dev, plan 31" in said
    assert "-1.50 USD" in said


async def test_nothing_runs(first_day: httpx.AsyncClient) -> None:
    assert "Nothing runs yet" in (await first_day.get("/costs")).text
