"""Identity on the wire. Each text has a bound, so that no request is larger than what it is about."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from roadbed.kit.access import EVERYTHING, Role
from roadbed.kit.clock import isoformat

Time = Annotated[datetime, PlainSerializer(isoformat, return_type=str)]
Name = Annotated[str, Field(min_length=1, max_length=63)]
Label = Annotated[str, Field(min_length=1, max_length=200)]
Reference = Annotated[str, Field(min_length=1, max_length=200)]
Password = Annotated[str, Field(min_length=1, max_length=1024)]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class LoginIn(In):
    username: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1024)]


class OnceIn(In):
    code: Annotated[str, Field(max_length=200)]


class LoginOut(Out):
    token: str
    expires_at: Time | None
    user: str


class CodeOut(Out):
    """`path` is what to put behind the server's address to open it in a browser."""

    code: str
    expires_at: Time
    path: str


class GrantOut(Out):
    role: Role
    scope: str


class WhoamiOut(Out):
    name: str
    kind: str
    groups: list[str]
    grants: list[GrantOut]


class TokenIn(In):
    name: Label
    expires_in_days: Annotated[int | None, Field(ge=1, le=3650)] = 90
    user: Name | None = None


class TokenOut(Out):
    id: str
    name: str
    user: str
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    last_used_at: Time | None


class NewTokenOut(TokenOut):
    token: str


class TokenList(Out):
    items: list[TokenOut]
    next: str | None = None


class AccountIn(In):
    name: Name
    kind: Literal["user", "service"] = "user"
    display_name: Label | None = None
    password: Password | None = None


class AccountChange(In):
    active: bool


class PasswordIn(In):
    password: Password
    current: Password | None = None


class AccountOut(Out):
    name: str
    kind: str
    display_name: str | None
    created_at: Time
    active: bool
    has_password: bool


class AccountList(Out):
    items: list[AccountOut]
    next: str | None = None


class GrantIn(In):
    subject: Reference
    role: Role
    scope: Reference = EVERYTHING


class GrantRecordOut(GrantOut):
    id: str
    subject: str
    created_at: Time
    created_by: str


class GrantList(Out):
    items: list[GrantRecordOut]
    next: str | None = None
