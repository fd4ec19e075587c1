"""What a Valkey database holds, key by key: each as `DUMP` writes it, with the moment at which it ends.

Every key is whole, and is as it was when it was read; one that was written meanwhile may be of a later moment than
another. A key that ends keeps its moment: what is over by the time of a restore stays away. So only those that last are
counted.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, BinaryIO

import msgspec
from valkey.asyncio import Valkey
from valkey.exceptions import ConnectionError as NoConnection
from valkey.exceptions import ResponseError, ValkeyError

from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Report, Transient
from roadbed.sdk.backups import Archive, Contents
from roadbed.storage.ports import LOOPBACK

_DATABASES = 16
_BATCH = 500
_LONGEST = 600 * 2**20
"""Bytes of one frame: more than any key can have (512 MB)."""
_FRAME = struct.Struct(">I")
_LASTS = -1
_TIMEOUT_S = 60


class Entry(msgspec.Struct, array_like=True):
    """`ends` is in milliseconds since 1970, or -1. `database` -1: the functions that were loaded, all in one."""

    database: int
    key: bytes
    ends: int
    value: bytes


async def save(port: int, password: str, sink: BinaryIO, report: Report) -> Contents:
    counts: dict[str, int] = {}
    async with _server(port, password) as connect:
        async with connect(0) as first:
            held = await _held(first)
            _write(sink, Entry(-1, b"", _LASTS, await first.function_dump() or b""))
        for number in range(_DATABASES):
            async with connect(number) as client:
                if not await client.dbsize():
                    continue
                await report(f"reading database {number}")
                lasting = 0
                async for entry in _entries(client, number):
                    _write(sink, entry)
                    lasting += entry.ends == _LASTS
                counts[f"db{number}"] = lasting
    return Contents("keys", _some(counts), held)


async def restore(port: int, password: str, archive: Archive, report: Report) -> Contents:
    """In place: who reads meanwhile sees it fill. Nothing is taken away before the archive was read to its end."""
    async with _server(port, password) as connect:
        async with connect(0) as first:
            await report("emptying it")
            await first.flushall()
        await report(f"writing {archive.contents.total} keys")
        with archive.open() as source:
            await _fill(connect, source)
    return await count(port, password)


async def count(port: int, password: str) -> Contents:
    """The keys that last, by database."""
    counts: dict[str, int] = {}
    async with _server(port, password) as connect, connect(0) as first:
        held = await _held(first)
        keyspace: Mapping[str, Any] = await first.info("keyspace")
    for name, told in keyspace.items():
        counts[name] = int(told["keys"]) - int(told["expires"])
    return Contents("keys", _some(counts), held)


def _some(counts: Mapping[str, int]) -> dict[str, int]:
    """A database in which nothing lasts may be gone the next moment: it isn't told."""
    return {name: number for name, number in counts.items() if number}


async def _entries(client: Valkey, number: int) -> AsyncIterator[Entry]:
    """A scan may tell a key twice."""
    seen: set[bytes] = set()
    batch: list[bytes] = []
    async for key in client.scan_iter(count=_BATCH):
        if key not in seen:
            seen.add(key)
            batch.append(key)
        if len(batch) >= _BATCH:
            for entry in await _dumped(client, number, batch):
                yield entry
            batch = []
    for entry in await _dumped(client, number, batch):
        yield entry


async def _dumped(client: Valkey, number: int, keys: list[bytes]) -> list[Entry]:
    """Those that are still there."""
    if not keys:
        return []
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.dump(key)
        pipeline.execute_command("PEXPIRETIME", key)
    answers = await pipeline.execute()
    told = zip(keys, answers[::2], answers[1::2], strict=True)
    return [Entry(number, key, ends, value) for key, value, ends in told if value is not None]


async def _fill(connect: Any, source: BinaryIO) -> None:
    current = -1
    waiting: list[Entry] = []
    for entry in _read(source):
        if entry.database == -1:
            if entry.value:
                async with connect(0) as first:
                    await first.function_restore(entry.value, policy="FLUSH")
            continue
        if entry.database != current or len(waiting) >= _BATCH:
            await _put(connect, current, waiting)
            current, waiting = entry.database, []
        waiting.append(entry)
    await _put(connect, current, waiting)


async def _put(connect: Any, number: int, entries: list[Entry]) -> None:
    if not entries:
        return
    async with connect(number) as client:
        pipeline = client.pipeline(transaction=False)
        for entry in entries:
            lasts = entry.ends == _LASTS
            pipeline.restore(entry.key, 0 if lasts else entry.ends, entry.value, replace=True, absttl=not lasts)
        await pipeline.execute()


def _write(sink: BinaryIO, entry: Entry) -> None:
    packed = msgspec.msgpack.encode(entry)
    sink.write(_FRAME.pack(len(packed)))
    sink.write(packed)


def _read(source: BinaryIO) -> Iterator[Entry]:
    decoder = msgspec.msgpack.Decoder(Entry)
    while head := source.read(_FRAME.size):
        (length,) = _FRAME.unpack(head)
        if length > _LONGEST:
            raise Conflict("the backup holds a key that is longer than any can be")
        yield decoder.decode(source.read(length))


async def _held(client: Valkey) -> int:
    told: Mapping[str, Any] = await client.info("memory")
    return int(told["used_memory_dataset"])


@asynccontextmanager
async def _server(port: int, password: str) -> AsyncIterator[Any]:
    """What connects to one of its databases. Raises Transient or Conflict for what the server says."""

    @asynccontextmanager
    async def connect(number: int) -> AsyncIterator[Valkey]:
        client: Valkey = Valkey(host=LOOPBACK, port=port, password=password, db=number, socket_timeout=_TIMEOUT_S)
        try:
            yield client
        finally:
            await client.aclose()

    try:
        yield connect
    except NoConnection as error:
        raise Transient("the Valkey server can't be reached") from error
    except ResponseError as error:
        raise Conflict(f"the Valkey server refused: {error}", hint="is it large enough?") from error
    except ValkeyError as error:
        raise Transient(f"the Valkey server is in trouble: {error}") from error
