"""The pages of an application's scheduled jobs."""

from __future__ import annotations

import httpx
import pytest

from fakes.portal import CSRF, World
from page_reader import read

JOBS = "/applications/orders/jobs"


def text_of(answer: httpx.Response) -> str:
    return next(element.text for element in read(answer.text) if element.tag == "body")


async def test_the_list_says_when_each_runs_and_how_it_went(reader: httpx.AsyncClient) -> None:
    text = text_of(await reader.get(JOBS))
    for said in (
        "At 03:00 on Monday through Friday",
        "Europe/Madrid",
        "in 9 h",
        "#43",
        "exit code 1",
        "by roadbed.yaml",
    ):
        assert said in text


async def test_a_job_shows_its_runs_and_the_log_of_one(reader: httpx.AsyncClient) -> None:
    answer = await reader.get(f"{JOBS}/report?run=41")
    text = text_of(answer)
    for said in (
        "attempt 3",
        "the next run took its place",
        "run 39 had not ended",
        "1 h 30 min",
        "reading 4,812 orders",
    ):
        assert said in text
    assert "&lt;b&gt;written&lt;/b&gt;" in answer.text


async def test_what_runs_is_followed_to_its_end(reader: httpx.AsyncClient) -> None:
    page = (await reader.get(f"{JOBS}/report")).text
    assert 'data-stream="/applications/orders/jobs/report/runs/43/stream?environment=dev"' in page
    assert "data-ends" in page
    stream = await reader.get(f"{JOBS}/report/runs/43/stream")
    assert '"who": "report-43"' in stream.text


@pytest.mark.parametrize("action", ["run", "suspend", "resume"])
async def test_what_one_may_do_by_hand(ada: httpx.AsyncClient, world: World, action: str) -> None:
    answer = await ada.post(f"{JOBS}/tidy-up/{action}", data={"csrf": CSRF, "environment": "dev"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{JOBS}/tidy-up?environment=dev")
    assert world.jobs.asked == [f"{action} tidy-up"]


async def test_one_that_is_in_the_way_is_told_of(ada: httpx.AsyncClient) -> None:
    answer = await ada.post(f"{JOBS}/report/run", data={"csrf": CSRF, "environment": "dev"})
    assert answer.status_code == 409
    assert "run 43 had not ended" in answer.text


async def test_what_is_not_there(reader: httpx.AsyncClient) -> None:
    assert (await reader.get(f"{JOBS}/nope")).status_code == 404
    assert (await reader.get(f"{JOBS}/report?run=7")).status_code == 404
    assert (await reader.get(f"{JOBS}/report?run=0")).status_code in {400, 404, 422}
