"""The runtime's resource types: services that are kept running, and jobs that run once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, ClassVar

from roadbed.control.events import Events
from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Actual, Desired, Report, ResourceType
from roadbed.runtimes import spec
from roadbed.runtimes.declarations import Declarations
from roadbed.runtimes.domain import ReplicaView, Rollout, Service, key_of
from roadbed.runtimes.elsewhere import interruption, shown_ports
from roadbed.runtimes.errors import RolloutFailed, RolloutSuperseded
from roadbed.runtimes.jobs import Jobs
from roadbed.runtimes.looks import looks
from roadbed.runtimes.tools import ME
from roadbed.runtimes.types import JOB, SERVICE, TYPES, VOLUME
from roadbed.runtimes.volume_sizes import size_in_bytes
from roadbed.runtimes.volumes import Volumes, volume_source
from roadbed.runtimes.workloads import Workload
from roadbed.sdk.backups import Archive, Contents
from roadbed.storage.database import Database


class RuntimeProvider:
    """Hands a specification to the controller and waits until it is so. Keeps volumes."""

    name: ClassVar[str] = "runtime"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = TYPES
    kept: ClassVar[frozenset[str]] = frozenset({VOLUME})

    def __init__(
        self, declarations: Declarations, jobs: Jobs, volumes: Volumes, database: Database, events: Events
    ) -> None:
        self._declarations = declarations
        self._jobs = jobs
        self._volumes = volumes
        self._database = database
        self._events = events

    async def create(self, desired: Desired, report: Report) -> Actual:
        return await self._put(desired, report, creation=desired.token)

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        if desired.type == VOLUME and (room := self.room(desired)) is not None:
            held = await asyncio.to_thread(self._volumes.size, id)
            if held > room and desired.properties.get("size") != (desired.previous or {}).get("size"):
                raise Conflict(
                    f"{desired.name} holds {held / 2**20:.1f} MB and can't be made to hold {room / 2**20:.1f} MB",
                    hint="remove files first, or give it more",
                )
        return replace(await self._put(desired, report, creation=""), id=id)

    async def _put(self, desired: Desired, report: Report, *, creation: str) -> Actual:
        if desired.type == VOLUME:
            return await self._make_volume(desired)
        if desired.type == JOB:
            return Actual(desired.urn, {"exit_code": await self._jobs.run(desired, report)})
        key = _key(desired)
        workload = spec.workload_of(desired.properties, desired.secret_paths)
        for sentence in self._jobs.tools.driver.not_in_force(workload):
            await report(sentence)
        async with self._database.call(ME) as call:
            rollout = await self._declarations.declare(
                call,
                key,
                workload,
                replicas=int(desired.properties.get("replicas", 1)),
                release=desired.release,
                owner=desired.owner,
                creation=creation,
            )
        if rollout is not None:
            await self._through(rollout, report, first=bool(creation))
        return Actual(key)

    async def _make_volume(self, desired: Desired) -> Actual:
        source = desired.outputs.get("source") or volume_source(desired.stack, desired.name, desired.urn, desired.token)
        await asyncio.to_thread(self._volumes.make, source)
        return Actual(source, {"source": source})

    async def read(self, desired: Desired, id: str) -> Actual | None:
        if desired.type == VOLUME:
            there = await asyncio.to_thread(self._volumes.exists, id)
            return Actual(id, {"source": id}, properties=dict(desired.properties)) if there else None
        if desired.type == JOB:
            ran = await self._jobs.ran(desired.stack, str(desired.properties["workload"]))
            return Actual(id, {"exit_code": 0}) if ran else None
        async with self._database.call(ME) as call:
            service = await self._declarations.service(call, id)
            workload = await self._declarations.workload(call, id)
        if service is None or service.removed:
            return None
        return Actual(id, properties=_seen(desired, service, workload))

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        if desired.type == VOLUME:
            source = id or volume_source(desired.stack, desired.name, desired.urn, desired.token)
            size = await asyncio.to_thread(self._volumes.size, source)
            await report(f"removing the volume {source}, which holds {size / 2**20:.1f} MB")
            await asyncio.to_thread(self._volumes.remove, source)
            return
        if desired.type == JOB:
            await self._jobs.forget(desired.stack, str(desired.properties["workload"]), desired.token)
            return
        key = id or _key(desired)
        async with self._database.call(ME) as call:
            if not await self._declarations.remove(call, key, desired.token):
                return
        await report(f"stopping {key.partition('/')[2]}")
        async for _ in looks(self._events, desired.stack):
            async with self._database.call(ME) as call:
                if await self._declarations.service(call, key) is None:
                    return

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        if desired.type != SERVICE:
            return
        told = 0
        async for _ in looks(self._events, desired.stack):
            async with self._database.call(ME) as call:
                ending = await self._declarations.unsettled(call, id)
            if not ending:
                return
            if len(ending) != told:
                told = len(ending)
                await report(f"{told} old {'replica is' if told == 1 else 'replicas are'} ending")

    async def save(self, desired: Desired, id: str, sink: BinaryIO, report: Report) -> Contents:
        await report("reading its files")
        contents, unsteady = await asyncio.to_thread(self._volumes.save, id, sink)
        if unsteady:
            await report(f"written over while they were read: {', '.join(unsteady[:5])} ({len(unsteady)} in all)")
        return contents

    async def restore(self, desired: Desired, id: str, archive: Archive, report: Report) -> Contents:
        await report("unpacking it")
        return await asyncio.to_thread(self._volumes.restore, id, archive)

    async def rehearse(self, desired: Desired, archive: Archive, report: Report) -> Contents:
        return await asyncio.to_thread(self._volumes.rehearse, archive)

    def room(self, desired: Desired) -> int | None:
        size = desired.properties.get("size")
        return None if size is None else size_in_bytes(size)

    async def _through(self, rollout: Rollout, report: Report, *, first: bool) -> None:
        said = ""
        name = rollout.key.partition("/")[2]
        async with self._database.call(ME) as call:
            held = await self._declarations.interrupts(call, rollout)
        if held:
            await report(interruption(name, held))
        async for _ in looks(self._events, rollout.key.partition("/")[0]):
            async with self._database.call(ME) as call:
                now = await self._declarations.rollout(call, rollout.id)
                replicas = await self._declarations.progress(call, rollout)
            if now.outcome != "running":
                _conclude(now, first=first)
                for replica in replicas:
                    if replica.own_ports:
                        await report(_fixed(name, replica.own_ports))
                return
            if (sentence := _progress(rollout, replicas)) != said:
                said = sentence
                await report(said)


def _key(desired: Desired) -> str:
    return key_of(desired.stack, str(desired.properties["workload"]))


def _seen(desired: Desired, service: Service, workload: Workload | None) -> dict[str, Any]:
    """How many there are, and what they run; never what they are given, which holds secrets."""
    shown: dict[str, Any] = {"workload": service.workload}
    if "replicas" in desired.properties or service.replicas != 1:
        shown["replicas"] = service.replicas
    return shown if workload is None else {**shown, "artifact": workload.artifact}


def _fixed(name: str, ports: Sequence[int]) -> str:
    return f"{name} listens on {shown_ports(ports)} whatever PORT says: updates will interrupt it"


def _progress(rollout: Rollout, replicas: list[ReplicaView]) -> str:
    ready = sum(replica.state == "ready" for replica in replicas)
    return f"{ready} of {rollout.replicas} new replicas of {rollout.key.partition('/')[2]} are ready"


def _conclude(rollout: Rollout, *, first: bool) -> None:
    workload = rollout.key.partition("/")[2]
    match rollout.outcome:
        case "failed":
            before = "" if first else "what ran before runs on; "
            raise RolloutFailed(
                f"{workload} did not start: {rollout.message}", hint=f"{before}mend it and deploy again"
            )
        case "superseded":
            raise RolloutSuperseded(f"another update of {workload} came before this one was through")
        case _:
            return
