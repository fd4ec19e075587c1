"""Buckets on a real object store: the rules of every provider, and what a program meets there."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Actual, Desired
from roadbed.providers.s3.provider import S3Provider
from roadbed.providers.s3.server import S3Server
from roadbed.sdk.testing import CHECKS, Case, Check
from waiting import kill, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def server(run_folder: Path, worker_id: str) -> AsyncIterator[S3Server]:
    made = S3Server(run_folder / f"s3-{worker_id}", first_port=0)
    provider, anchor = S3Provider(made), wanted("anchor")
    kept = await provider.create(anchor, silent)
    yield made
    await provider.delete(known(anchor, kept), kept.id, silent)
    assert made.server.pid() is None, "it runs although nothing uses it"


@pytest.fixture
def provider(server: S3Server) -> S3Provider:
    return S3Provider(server)


async def silent(text: str) -> None:
    """Nobody waits."""


def wanted(name: str, **properties: Any) -> Desired:
    return Desired(f"s@dev/{name}#s3:Bucket", "s3:Bucket", name, "s@dev", properties, token=name)


def known(desired: Desired, made: Actual) -> Desired:
    return replace(desired, outputs=dict(made.outputs), secrets=dict(made.secrets))


def client(made: Actual) -> Any:
    return Session().create_client(
        "s3",
        region_name=made.outputs["region"],
        endpoint_url=made.outputs["endpoint"],
        aws_access_key_id=made.outputs["access_key_id"],
        aws_secret_access_key=made.secrets["secret_key"],
        config=Config(s3={"addressing_style": "path"}),
    )


async def ask(call: Any, **arguments: Any) -> Any:
    return await asyncio.to_thread(call, **arguments)


@pytest.mark.parametrize("check", CHECKS, ids=str)
async def test_they_keep_the_rules(check: Check, server: S3Server) -> None:
    async def vanish(id: str) -> None:
        await server.remove(id, with_objects=True)

    @contextmanager
    def taken() -> Iterator[None]:
        """Another program has its port."""
        pid, port = server.server.pid() or 0, (server.server.ports or {})["s3"]
        kill(pid)
        with socket.create_server(("127.0.0.1", port)):
            yield

    changed = {"versioned": True, "force_destroy": True}
    await check(Case(S3Provider(server), "s3:Bucket", {}, changed, vanish=vanish, unreachable=taken))


async def test_keys_open_their_bucket_and_no_other(provider: S3Provider) -> None:
    one, other = await provider.create(wanted("one"), silent), await provider.create(wanted("other"), silent)
    mine, theirs = client(one), client(other)
    bucket = one.outputs["bucket"]
    await ask(mine.put_object, Bucket=bucket, Key="a/b", Body=b"hello")
    assert (await ask(mine.get_object, Bucket=bucket, Key="a/b"))["Body"].read() == b"hello"
    refused = [
        ask(theirs.get_object, Bucket=bucket, Key="a/b"),
        ask(theirs.put_object, Bucket=bucket, Key="x", Body=b""),
        ask(theirs.list_objects_v2, Bucket=bucket),
        ask(theirs.copy_object, Bucket=other.outputs["bucket"], Key="stolen", CopySource=f"{bucket}/a/b"),
        ask(mine.create_bucket, Bucket="another"),
        ask(mine.delete_bucket, Bucket=bucket),
    ]
    for each in refused:
        with pytest.raises(ClientError, match=r"AccessDenied|Forbidden"):
            await each
    assert [each["Name"] for each in (await ask(mine.list_buckets))["Buckets"]] == [bucket]
    await ask(mine.delete_object, Bucket=bucket, Key="a/b")
    for desired, made in ((wanted("one"), one), (wanted("other"), other)):
        await provider.delete(known(desired, made), made.id, silent)
    with pytest.raises(ClientError, match=r"InvalidAccessKeyId|SignatureDoesNotMatch"):
        await ask(mine.list_buckets)


async def test_what_is_behind_the_gateway_talks_to_nobody(server: S3Server) -> None:
    ports = dict(server.server.ports or {})
    del ports["s3"]
    async with httpx.AsyncClient(verify=False, timeout=5) as stranger:
        for name, port in ports.items():
            for scheme in ("http", "https"):
                try:
                    answer = await stranger.get(f"{scheme}://127.0.0.1:{port}/dir/status")
                except (httpx.HTTPError, ssl.SSLError):
                    continue
                assert answer.status_code == 400, f"{name}: {answer.text}"
                assert "HTTP request to an HTTPS server" in answer.text


async def test_a_bucket_with_objects_is_kept_unless_that_was_declared(provider: S3Provider) -> None:
    desired = wanted("full", versioned=True)
    made = await provider.create(desired, silent)
    mine, bucket = client(made), made.outputs["bucket"]
    for body in (b"1", b"2"):
        await ask(mine.put_object, Bucket=bucket, Key="k", Body=body)
    assert len((await ask(mine.list_object_versions, Bucket=bucket))["Versions"]) == 2
    await ask(mine.delete_object, Bucket=bucket, Key="k")
    with pytest.raises(Conflict, match="holds objects and is kept"):
        await provider.delete(known(desired, made), made.id, silent)
    assert await provider.read(desired, made.id) is not None
    forced = wanted("full", versioned=True, force_destroy=True)
    await provider.update(known(forced, made), made.id, silent)
    await provider.delete(known(forced, made), made.id, silent)
    assert await provider.read(desired, made.id) is None


async def test_one_that_is_killed_comes_back_with_its_objects(provider: S3Provider, server: S3Server) -> None:
    desired = wanted("killed", force_destroy=True)
    made = await provider.create(desired, silent)
    mine, bucket = client(made), made.outputs["bucket"]
    await ask(mine.put_object, Bucket=bucket, Key="k", Body=b"v")
    kill(server.server.pid() or 0)
    await until(lambda: server.server.pid() is None)
    assert await server.server.keep()
    assert (await ask(mine.get_object, Bucket=bucket, Key="k"))["Body"].read() == b"v"
    await provider.delete(known(desired, made), made.id, silent)


async def test_somebody_elses_change_is_seen(provider: S3Provider, server: S3Server) -> None:
    desired = wanted("changed")
    made = await provider.create(desired, silent)
    await server.store.set_versioned(made.id, True)
    found = await provider.read(desired, made.id)
    assert found is not None
    assert found.properties == {"versioned": True}
    await provider.delete(known(desired, made), made.id, silent)
