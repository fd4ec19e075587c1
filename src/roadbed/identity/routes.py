"""Logins, accounts, tokens and grants over REST."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from roadbed.identity.domain import NewToken
from roadbed.identity.schemas import (
    AccountChange,
    AccountIn,
    AccountList,
    AccountOut,
    CodeOut,
    GrantIn,
    GrantList,
    GrantOut,
    GrantRecordOut,
    LoginIn,
    LoginOut,
    NewTokenOut,
    OnceIn,
    PasswordIn,
    TokenIn,
    TokenList,
    TokenOut,
    WhoamiOut,
)
from roadbed.identity.service import Identity
from roadbed.kit.errors import Unauthenticated
from roadbed.storage.request import CurrentCall

Id = Annotated[str, Path(max_length=63)]


def router(service: Identity) -> APIRouter:
    routes = APIRouter()
    for part in (_logins(service), _tokens(service), _accounts(service), _grants(service)):
        routes.include_router(part)
    return routes


def _logins(service: Identity) -> APIRouter:
    routes = APIRouter(tags=["login"])

    @routes.post("/login")
    async def login(call: CurrentCall, request: Request, body: LoginIn) -> LoginOut:
        """A token for a user name and password."""
        address = _address(request)
        principal = await service.logins.with_password(call, body.username, body.password, address=address)
        return _login(await service.tokens.for_login(call.as_(principal)))

    @routes.post("/login/once")
    async def login_once(call: CurrentCall, request: Request, body: OnceIn) -> LoginOut:
        """A token for a one-time code."""
        principal = await service.logins.with_code(call, body.code, address=_address(request))
        return _login(await service.tokens.for_login(call.as_(principal)))

    @routes.post("/login/codes", status_code=201)
    async def create_code(call: CurrentCall) -> CodeOut:
        """A code that logs the caller in in a browser, once, within minutes."""
        code = await service.logins.new_code(call)
        return CodeOut(code=code.text, expires_at=code.expires_at, path=f"/login/once?code={code.text}")

    @routes.get("/whoami")
    async def whoami(call: CurrentCall) -> WhoamiOut:
        """Who the caller is, and which roles they hold."""
        principal = call.principal
        if principal is None:
            raise Unauthenticated("you are not logged in", hint="log in with `roadbed login`")
        grants = [GrantOut.model_validate(grant) for grant in principal.grants]
        return WhoamiOut(name=principal.name, kind=principal.kind, groups=sorted(principal.groups), grants=grants)

    return routes


def _tokens(service: Identity) -> APIRouter:
    routes = APIRouter(tags=["tokens"])

    @routes.get("/tokens")
    async def list_tokens(call: CurrentCall, user: Annotated[str | None, Query(max_length=63)] = None) -> TokenList:
        """The caller's tokens, those of `user`, or with `user=*` everybody's."""
        tokens = await service.tokens.list(call, user=user)
        return TokenList(items=[TokenOut.model_validate(token) for token in tokens])

    @routes.post("/tokens", status_code=201)
    async def create_token(call: CurrentCall, body: TokenIn) -> NewTokenOut:
        """A new token. Its text is shown here and never again."""
        days = body.expires_in_days
        life = timedelta(days=days) if days is not None else None
        created = await service.tokens.create(call, name=body.name, expires_in=life, user=body.user)
        return NewTokenOut(**TokenOut.model_validate(created.token).model_dump(mode="python"), token=created.text)

    @routes.delete("/tokens/{id}", status_code=204)
    async def revoke_token(call: CurrentCall, id: Id) -> None:
        await service.tokens.revoke(call, id)

    return routes


def _accounts(service: Identity) -> APIRouter:
    routes = APIRouter(tags=["users"])

    @routes.get("/users")
    async def list_users(call: CurrentCall) -> AccountList:
        """People and service accounts."""
        accounts = await service.accounts.list(call)
        return AccountList(items=[AccountOut.model_validate(account) for account in accounts])

    @routes.post("/users", status_code=201)
    async def create_user(call: CurrentCall, body: AccountIn) -> AccountOut:
        """An account, without any role yet."""
        account = await service.accounts.create(
            call, body.name, kind=body.kind, display_name=body.display_name, password=body.password
        )
        return AccountOut.model_validate(account)

    @routes.patch("/users/{name}")
    async def change_user(call: CurrentCall, name: Id, body: AccountChange) -> AccountOut:
        """Disables an account, which ends all its logins, or enables it again."""
        return AccountOut.model_validate(await service.accounts.set_active(call, name, active=body.active))

    @routes.put("/users/{name}/password", status_code=204)
    async def set_password(call: CurrentCall, name: Id, body: PasswordIn) -> None:
        """The own password, which takes the current one, or another's."""
        await service.accounts.set_password(call, name, body.password, current=body.current)

    return routes


def _grants(service: Identity) -> APIRouter:
    routes = APIRouter(tags=["grants"])

    @routes.get("/grants")
    async def list_grants(call: CurrentCall) -> GrantList:
        """The roles that the caller may give and take."""
        return GrantList(items=[GrantRecordOut.model_validate(grant) for grant in await service.grants.list(call)])

    @routes.post("/grants", status_code=201)
    async def add_grant(call: CurrentCall, body: GrantIn) -> GrantRecordOut:
        """Gives a role to a person, a service account or a group."""
        return GrantRecordOut.model_validate(await service.grants.add(call, body.subject, body.role, body.scope))

    @routes.delete("/grants/{id}", status_code=204)
    async def remove_grant(call: CurrentCall, id: Id) -> None:
        await service.grants.remove(call, id)

    return routes


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _login(created: NewToken) -> LoginOut:
    return LoginOut(token=created.text, expires_at=created.token.expires_at, user=created.token.user)
