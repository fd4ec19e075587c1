"""One HTTP request of a gate, with everything bounded: time, size, redirects, and where it may go."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from roadbed.kit.errors import InvalidInput, OperationFailed

MAX_BODY = 1024 * 1024
"""Bytes of an answer that are read; the rest is left."""

_METADATA = (ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200"))
"""Metadata services that are not at a link-local address: those of AWS by IPv6, and of Alibaba Cloud."""

_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Question:
    """`timeout` in seconds for the whole of it. `redirects` is how many are followed at most."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float
    redirects: int


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


async def ask(question: Question) -> Answer:
    """Raises httpx.HTTPError and TimeoutError for what may pass, RoadbedError for what won't."""
    url, method, headers, body = httpx.URL(question.url), question.method, dict(question.headers), question.body
    async with (
        asyncio.timeout(question.timeout),
        httpx.AsyncClient(trust_env=False, timeout=question.timeout) as client,
    ):
        for _ in range(question.redirects + 1):
            answer, target = await _once(client, method, url, headers, body)
            if target is None:
                return answer
            if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
                headers, body = {}, None  # they may hold a secret, which was meant for the first host
            if answer.status == 303:
                method, body = "GET", None
            url = target
    raise OperationFailed(
        f"more than {question.redirects} redirects were answered", hint="raise max_redirects, or give the last URL"
    )


async def _once(
    client: httpx.AsyncClient, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None
) -> tuple[Answer, httpx.URL | None]:
    """The answer and, if it is a redirect, where to."""
    address = await _address(url)
    request = client.build_request(method, url.copy_with(host=address), headers=headers, content=body)
    request.headers["host"] = url.netloc.decode()
    request.extensions["sni_hostname"] = url.host
    response = await client.send(request, stream=True)
    try:
        content = await _limited(response)
    finally:
        await response.aclose()
    location = response.headers.get("location") if response.status_code in _REDIRECTS else None
    return Answer(response.status_code, content), url.join(location) if location else None


async def _limited(response: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk[: MAX_BODY - len(content)]
        if len(content) == MAX_BODY:
            break
    return bytes(content)


async def _address(url: httpx.URL) -> str:
    """The address to connect to: looked up once and checked, so that it can't be another one when it is used.

    Names below `localhost` are this machine (RFC 6761), which resolvers outside of browsers don't always know.
    Link-local addresses are refused: a cloud's metadata service gives the machine's own credentials there.
    """
    if url.scheme not in ("http", "https") or not url.host:
        hint = "write the whole URL; where it redirects counts, too"
        raise InvalidInput("only http:// and https:// addresses are asked", hint=hint)
    if url.host == "localhost" or url.host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise httpx.ConnectError(f"{url.host} can't be resolved") from error
    except (UnicodeError, OverflowError):
        raise InvalidInput(f"{url.host} is no host name with a port", hint="see how the URL is spelt") from None
    address = str(found[0][4][0])
    if _gives_credentials(address):
        raise InvalidInput(
            f"{url.host} is a link-local address, which is not asked",
            hint="a machine's own credentials are given there",
        )
    return address


def _gives_credentials(address: str) -> bool:
    """Whether a cloud's metadata service may be there, however the address is written."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    return found.is_link_local or found in _METADATA
