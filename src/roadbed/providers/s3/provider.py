"""S3: buckets, each with keys of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, BinaryIO, ClassVar

from roadbed.kit.errors import Conflict, NotFound
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.providers.embedded.naming import own_name
from roadbed.providers.s3.config import REGION, keys, new_access_key
from roadbed.providers.s3.server import S3Server
from roadbed.sdk.backups import Archive, Contents

_SECRET_BYTES = 30
BUCKET = ResourceType(
    "s3:Bucket",
    "A bucket on the platform's object store, with keys that open this bucket and no other.",
    {
        "versioned": Property(
            {"type": "boolean", "default": False},
            description="Whether objects keep their older versions; false. Once it was, versions stay until they are"
            " deleted.",
        ),
        "force_destroy": Property(
            {"type": "boolean", "default": False},
            description="Whether the bucket is deleted with the objects in it; false: one that has any is kept.",
        ),
    },
    outputs={
        "bucket": "Its name.",
        "endpoint": "The URL of the object store; buckets are addressed by path.",
        "region": "The region that signatures name.",
        "access_key_id": "The access key.",
    },
    secret_outputs={"secret_key": "The secret key."},
    replacement="create_first",
    holds_data=True,
)


class S3Provider:
    """A bucket's id is its name."""

    name: ClassVar[str] = "s3"
    parallel: ClassVar[int] = 4
    types: ClassVar[Mapping[str, ResourceType]] = {BUCKET.name: BUCKET}
    kept: ClassVar[frozenset[str]] = frozenset({BUCKET.name})
    rotated: ClassVar[frozenset[str]] = frozenset({BUCKET.name})

    def __init__(self, server: S3Server) -> None:
        self._server = server

    def check_machine(self) -> None:
        self._server.server.check_installed()

    async def create(self, desired: Desired, report: Report) -> Actual:
        """Called again after a crash, it finds what it made; nobody has the first key yet, so it sets another."""
        return await self._put(desired, own_name(desired.urn, desired.token), report, known=False)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        record = self._server.records.get(id)
        if record is None:
            return None
        endpoint, store = self._server.endpoint, self._server.store
        if not await store.exists(id):
            return None
        shown = dict(desired.properties)
        if (versioned := await store.versioned(id)) != _flag(shown, "versioned"):
            shown["versioned"] = versioned
        return _actual(id, endpoint, record, shown)

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        """What was imported has no key here: it gets a new one."""
        self._known(id)
        return await self._put(desired, id, report, known="secret_key" in desired.secrets)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        name = id or own_name(desired.urn, desired.token)
        record = self._server.records.get(name)
        if record is not None and "secret_key" not in desired.secrets and record["urn"] != desired.urn:
            await report(f"left {name} alone: it was never taken over")
            return
        with_objects = _flag(desired.properties, "force_destroy")
        if record is not None and not with_objects and not await self._server.store.empty(name):
            raise Conflict(
                f"the bucket {name} holds objects and is kept",
                hint="empty it, or apply `force_destroy: true` first: then it is deleted with all of them",
            )
        await self._server.remove(name, with_objects=with_objects)

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing is under way when a change returns."""

    async def rotate(self, desired: Desired, id: str, report: Report) -> Actual:
        record = self._known(id)
        new = {"access_key": new_access_key(), "secret_key": secrets.token_urlsafe(_SECRET_BYTES)}
        record = {**record, **new, "former": list(keys(id, record).items())}
        endpoint = await self._server.let_in(id, record)
        await report(f"made the access key {new['access_key']}")
        return _actual(id, endpoint, record, dict(desired.properties), told=True)

    async def revoke(self, desired: Desired, id: str, report: Report) -> None:
        own = {"access_key": desired.outputs["access_key_id"], "secret_key": desired.secrets["secret_key"]}
        await self._server.let_in(id, {**self._known(id), **own, "former": []})
        await report(f"no other access key than {own['access_key']} opens it any more")

    def _known(self, id: str) -> dict[str, Any]:
        record = self._server.records.get(id)
        if record is None:
            raise NotFound(f"there is no bucket {id} any more", hint="roadbed plan shows that it would be made again")
        return record

    async def save(self, desired: Desired, id: str, sink: BinaryIO, report: Report) -> Contents:
        await report("reading its objects")
        return await self._server.store.save(id, sink)

    async def restore(self, desired: Desired, id: str, archive: Archive, report: Report) -> Contents:
        await report(f"writing {archive.contents.total} objects")
        with archive.open() as source:
            return await self._server.store.restore(id, source)

    async def rehearse(self, desired: Desired, archive: Archive, report: Report) -> Contents:
        """In a bucket to which there are no keys but the administrator's."""
        scratch, store = own_name("scratch", archive.id), self._server.store
        await store.remove(scratch, with_objects=True)
        try:
            await store.ensure(scratch)
            return await self.restore(desired, scratch, archive, report)
        finally:
            await store.remove(scratch, with_objects=True)

    def room(self, desired: Desired) -> int | None:
        """A bucket grows as far as the store's disk."""
        return None

    async def _put(self, desired: Desired, name: str, report: Report, *, known: bool) -> Actual:
        found = self._server.records.claim(name, desired.urn, known=known)
        secret = desired.secrets.get("secret_key") or secrets.token_urlsafe(_SECRET_BYTES)
        exchanged: dict[str, Any] = {each: found[each] for each in ("access_key", "former") if found and each in found}
        versioned = _flag(desired.properties, "versioned")
        record = {**exchanged, "urn": desired.urn, "secret_key": secret, "versioned": versioned}
        if self._server.server.pid() is None:
            await report("starting the object store, which takes a few seconds")
        endpoint = await self._server.put(name, record)
        return _actual(name, endpoint, record, dict(desired.properties), told=True)


def _flag(properties: Mapping[str, Any], name: str) -> bool:
    return properties.get(name) is True


def _actual(
    name: str, endpoint: str, record: Mapping[str, Any], properties: Mapping[str, Any], *, told: bool = False
) -> Actual:
    """`told`: with its secret key."""
    access_key, secret_key = next(iter(keys(name, record).items()))
    outputs = {"bucket": name, "endpoint": endpoint, "region": REGION, "access_key_id": access_key}
    return Actual(name, outputs, {"secret_key": secret_key} if told else {}, properties=properties)
