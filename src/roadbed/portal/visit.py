"""One request of one person: in which transaction, in whose name, and how its answer is rendered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from roadbed.identity.domain import Session
from roadbed.identity.sessions import SESSION_COOKIE
from roadbed.kit.errors import InvalidInput, NotFound, TooLarge, Unauthenticated
from roadbed.kit.names import LABEL
from roadbed.portal.layout import THEME_COOKIE, THEMES, Head, Shell
from roadbed.portal.rendering import SECURITY_HEADERS, Templates
from roadbed.portal.services import PortalServices
from roadbed.storage.call import Call

LIVE = "live"
MAX_FORM_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Visit:
    """`form` holds the texts of the form that was sent with a POST."""

    request: Request
    services: PortalServices
    templates: Templates
    call: Call
    session: Session
    form: Mapping[str, str] = field(default_factory=dict)

    def render(self, template: str, page: object, head: Head, *, status: int = 200) -> Response:
        """The whole page; or only its live part, when a page in a browser fetches that anew."""
        shell = shell_of(self.request, head, self.session)
        render = self.templates.part if self.request.headers.get("HX-Target") == LIVE else self.templates.page
        return html(render(template, shell=shell, page=page), status)

    def fragment(self, template: str, page: object) -> Response:
        return html(self.templates.page(template, page=page))

    def go(self, path: str) -> Response:
        """After a form: to a page that may be loaded again without doing it again."""
        return RedirectResponse(path, status_code=303, headers=SECURITY_HEADERS)


def html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, headers={**SECURITY_HEADERS, "Cache-Control": "no-store"})


def shell_of(request: Request, head: Head, session: Session | None) -> Shell:
    url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Shell(
        head=head,
        theme=THEMES.get(request.cookies.get(THEME_COOKIE, ""), "system"),
        url=url,
        user=session.principal.name if session else None,
        csrf=session.csrf if session else "",
    )


async def current_visit(request: Request) -> AsyncIterator[Visit]:
    """Commits before the answer is sent. Raises Unauthenticated for nobody.

    The API's guards know the session already, and have refused a form without its CSRF token.
    """
    services, templates = services_of(request)
    session: Session | None = request.state.session
    if session is None:
        raise Unauthenticated("the portal's pages are for who logged in in this browser")
    form = {} if request.method in ("GET", "HEAD") else await read_form(request)
    async with services.database.call(session.principal) as call:
        yield Visit(request, services, templates, call, session, form)


CurrentVisit = Annotated[Visit, Depends(current_visit, scope="function")]


def services_of(request: Request) -> tuple[PortalServices, Templates]:
    """What the portal's router put into the request's scope (`app.PortalRoute`)."""
    return cast(tuple[PortalServices, Templates], request.scope["roadbed.portal"])


async def find_session(request: Request) -> Session | None:
    """Asks anew: for public pages, and for streams that outlive the check at their beginning."""
    secret = request.cookies.get(SESSION_COOKIE)
    if not secret:
        return None
    services, _ = services_of(request)
    async with services.database.call(None) as call:
        return await services.sessions.session(call, secret)


async def read_form(request: Request) -> Mapping[str, str]:
    """The form's texts; files are none of ours."""
    length = request.headers.get("Content-Length", "0")
    if not length.isdecimal() or int(length) > MAX_FORM_BYTES:
        raise TooLarge(f"a form may hold at most {MAX_FORM_BYTES // 1024} KB")
    form = await request.form(max_files=0, max_fields=500)
    return {name: value.strip() for name, value in form.multi_items() if isinstance(value, str)}


def local_path(text: str | None) -> str:
    """`text` if it is a path on this host, else home: nobody is sent to another site after logging in."""
    if text and text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable():
        return text
    return "/"


def environment_or_default(text: str | None) -> str:
    if text is None:
        return "dev"
    if not LABEL.fullmatch(text):
        raise NotFound(f"there is no environment {text!r}")
    return text


def whole_number(text: str, what: str, *, most: int) -> int:
    if not text.isdecimal() or int(text) > most:
        raise InvalidInput(f"{what} must be a whole number from 0 to {most}")
    return int(text)
