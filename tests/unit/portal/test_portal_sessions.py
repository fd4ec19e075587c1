"""Who gets in, how, and what a form of another site gets."""

from __future__ import annotations

import httpx
import pytest

from fakes.portal import CODE, CSRF, PASSWORD, World
from page_reader import having, read


async def test_nobody_is_sent_to_log_in_and_back(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/applications/orders?environment=prod")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fapplications%2Forders%3Fenvironment%3Dprod"


async def test_a_script_of_nobody_is_refused_not_redirected(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/", headers={"HX-Request": "true"})).status_code == 401


async def test_a_password_logs_in(visitor: httpx.AsyncClient) -> None:
    await visitor.get("/login")
    form = {"username": "ada", "password": PASSWORD, "next": "/operations", "token": visitor.cookies["roadbed_login"]}
    answer = await visitor.post("/login", data=form)
    assert answer.headers["location"] == "/operations"
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("roadbed_session="))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Path=/" in cookie
    assert "Domain" not in cookie


async def test_a_wrong_password_is_said_and_the_name_kept(visitor: httpx.AsyncClient) -> None:
    await visitor.get("/login")
    form = {"username": "ada", "password": "guess", "token": visitor.cookies["roadbed_login"]}
    answer = await visitor.post("/login", data=form)
    assert answer.status_code == 401
    assert "Wrong user name or password" in answer.text
    assert having(read(answer.text), "input", name="username")[0].attributes["value"] == "ada"


async def test_a_login_form_of_another_site_is_refused(visitor: httpx.AsyncClient, world: World) -> None:
    answer = await visitor.post("/login", data={"username": "ada", "password": PASSWORD, "token": "made up"})
    assert answer.status_code == 403
    assert not world.sessions


async def test_looking_at_a_one_time_link_does_not_use_it_up(visitor: httpx.AsyncClient, world: World) -> None:
    for _ in range(3):
        assert (await visitor.get("/login/once", params={"code": CODE})).status_code == 200
    assert CODE in world.codes


async def test_a_used_link_says_so(ada: httpx.AsyncClient) -> None:
    await ada.get("/login/once", params={"code": CODE})
    form = {"code": CODE, "token": ada.cookies["roadbed_login"]}
    answer = await ada.post("/login/once", data=form)
    assert answer.status_code == 401
    assert "used already" in answer.text


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_nobody_is_sent_to_another_site(visitor: httpx.AsyncClient, target: str) -> None:
    await visitor.get("/login")
    form = {"username": "ada", "password": PASSWORD, "next": target, "token": visitor.cookies["roadbed_login"]}
    assert (await visitor.post("/login", data=form)).headers["location"] == "/"


@pytest.mark.parametrize("token", [{}, {"csrf": "wrong"}, {"csrf": ""}])
async def test_a_form_without_the_token_changes_nothing(
    ada: httpx.AsyncClient, world: World, token: dict[str, str]
) -> None:
    answer = await ada.post("/applications/orders/restart", data=token)
    assert answer.status_code == 403
    assert not world.done


async def test_a_form_may_carry_the_token_as_a_header(ada: httpx.AsyncClient, world: World) -> None:
    answer = await ada.post("/applications/orders/restart", headers={"X-CSRF-Token": CSRF})
    assert answer.headers["location"] == "/operations/op_queued"
    assert world.done == [("restart", "orders")]


async def test_a_refusal_is_a_page_and_audited(ada: httpx.AsyncClient, world: World) -> None:
    answer = await ada.post("/applications/hidden/restart", data={"csrf": CSRF})
    assert answer.status_code == 403
    assert "may not restart application hidden" in answer.text
    assert world.noted == [("refused", "POST /applications/hidden/restart")]


async def test_a_huge_form_is_refused(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("/golden-paths/python-api", data={"csrf": CSRF, "p.name": "x" * 300_000})
    assert answer.status_code == 413


async def test_log_out_ends_the_session(ada: httpx.AsyncClient, world: World) -> None:
    await ada.post("/logout", data={"csrf": CSRF})
    assert not world.sessions
    assert (await ada.get("/")).status_code == 303


async def test_the_theme_is_kept_without_scripts(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/theme", data={"theme": "dark", "next": "/login"})
    assert answer.headers["location"] == "/login"
    page = read((await visitor.get("/login")).text)
    assert having(page, "html")[0].attributes["data-theme"] == "dark"


@pytest.mark.parametrize(
    ("action", "form", "done"),
    [
        ("restart", {}, ("restart", "orders")),
        ("scale", {"replicas.web": "5"}, ("scale", "web=5")),
        ("rollback", {"release": "v9"}, ("rollback", "v9")),
        ("destroy", {"confirm": "orders"}, ("destroy", "orders")),
    ],
)
async def test_what_one_may_do_to_an_application(
    ada: httpx.AsyncClient, world: World, action: str, form: dict[str, str], done: tuple[str, str]
) -> None:
    answer = await ada.post(f"/applications/orders/{action}", data={**form, "csrf": CSRF, "environment": "dev"})
    assert answer.status_code == 303
    assert world.done == [done]


@pytest.mark.parametrize(
    ("action", "form"), [("destroy", {"confirm": "other"}), ("destroy", {}), ("scale", {"replicas.web": "many"})]
)
async def test_what_is_not_meant_is_not_done(
    ada: httpx.AsyncClient, world: World, action: str, form: dict[str, str]
) -> None:
    answer = await ada.post(f"/applications/orders/{action}", data={**form, "csrf": CSRF})
    assert answer.status_code == 422
    assert not world.done
