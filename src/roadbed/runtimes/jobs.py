"""Jobs: a command that runs once to its end, under a shim like a replica, so that it survives the daemon."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from textwrap import shorten

from roadbed.providers.driver import Desired, Report
from roadbed.runtimes import repository, sealed, spec
from roadbed.runtimes.domain import Job, is_anothers, key_of
from roadbed.runtimes.driver import Instance, Status
from roadbed.runtimes.errors import JobFailed, WorkloadTaken
from roadbed.runtimes.logs import last_words
from roadbed.runtimes.observe import why
from roadbed.runtimes.tools import ME, Tools
from roadbed.runtimes.workloads import Workload

DEFAULT_TIMEOUT_S = 600
COMMAND_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Jobs:
    """Runs of `runtime:Job`. A run's id follows from what asked for it: asked again, it is taken up, not run twice."""

    tools: Tools

    async def run(self, desired: Desired, report: Report) -> int:
        """Returns 0 when the job has ended well. Raises JobFailed with its last lines when not.

        Raises WorkloadTaken if another creation has run a job of that name.
        """
        workload = spec.workload_of(desired.properties, desired.secret_paths)
        name = str(desired.properties["workload"])
        job = await self._record(desired, name)
        if self.tools.driver.inspect(job.id) is None:
            await report(f"starting {name}")
            await self.tools.driver.start(Instance(job.id, 1, desired.stack), workload)
        status = await self._ended(job, workload, desired.properties)
        await self._save(replace(job, ended_at=status.ended_at, code=status.code))
        if status.code != 0:
            words = last_words(self.tools.driver, job.id)
            raise JobFailed(
                f"{_called(desired)} ended with {why(status)}; {words}",
                hint=f"the whole output: roadbed logs {desired.stack.partition('@')[0]}",
            )
        return 0

    async def ran(self, stack: str, workload: str) -> bool:
        """Whether there is a run of it, however it ended."""
        async with self.tools.database.call(ME) as call:
            return bool(await repository.jobs(call.session, stack, workload))

    async def forget(self, stack: str, workload: str, creation: str) -> None:
        """Stops what runs of it and removes what it left. What another creation has run is left alone."""
        async with self.tools.database.call(ME) as call:
            jobs = await repository.jobs(call.session, stack, workload)
        ids = [job.id for job in jobs if not is_anothers(job.creation, creation)]
        for id_ in ids:
            if self.tools.driver.inspect(id_) is not None:
                await self.tools.driver.stop(id_)
                await self.tools.driver.wait(id_)
            self.tools.driver.forget(id_)
        async with self.tools.database.call(ME) as call:
            await repository.remove_jobs(call.session, ids)

    def _id(self, desired: Desired) -> str:
        """The same for the same resource, release and properties."""
        workload = sealed.encode(spec.workload_of(desired.properties, desired.secret_paths))
        return f"job_{self.tools.secrets.fingerprint(f'{desired.urn} {desired.release} {workload}')}"

    async def _record(self, desired: Desired, workload: str) -> Job:
        """Before it is started, so that no run is without a row. Forgets the oldest runs."""
        id_ = self._id(desired)
        async with self.tools.database.call(ME) as call:
            found = await repository.job(call.session, id_)
            before = await repository.jobs(call.session, desired.stack, workload)
            if any(is_anothers(job.creation, desired.token) for job in before):
                raise WorkloadTaken(key_of(desired.stack, workload))
            if found is not None:
                return found
            old = [job.id for job in before if job.ended_at][: -self.tools.settings.kept_replicas]
            await repository.remove_jobs(call.session, old)
            job = Job(id_, desired.stack, workload, desired.release, self.tools.clock.now(), creation=desired.token)
            await repository.save_job(call.session, job)
        for forgotten in old:
            self.tools.driver.forget(forgotten)
        return job

    async def _ended(self, job: Job, workload: Workload, properties: Mapping[str, object]) -> Status:
        seconds = float(str(properties.get("timeout_s") or DEFAULT_TIMEOUT_S))
        left = seconds - (self.tools.clock.now() - job.started_at).total_seconds()
        try:
            async with asyncio.timeout(max(left, 0)):
                return await self.tools.driver.wait(job.id)
        except TimeoutError:
            await self.tools.driver.stop(job.id)
            status = await self.tools.driver.wait(job.id)
            return replace(status, code=status.code or 124, reason=f"the time limit of {seconds:g} s passed")

    async def _save(self, job: Job) -> None:
        async with self.tools.database.call(ME) as call:
            await repository.save_job(call.session, job)
            await self.tools.events.emit(call, "replica.changed", f"stack:{job.stack}", {"job": job.workload})


def _called(desired: Desired) -> str:
    """`the release command `sh release.sh` of web`. A command that holds a secret isn't told."""
    words, workload = desired.properties.get("command") or (), desired.properties["workload"]
    secret = any(path.partition(".")[0] == "command" for path in desired.secret_paths)
    command = shorten(shlex.join(words), COMMAND_SHOWN, placeholder=" …")
    told = f" `{command}`" if words and not secret else ""
    return f"the {desired.name} command{told} of {workload}"
