"""Fetches a revision of a git repository in the sandbox, as the archive that the tree is then unpacked from."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from roadbed.delivery.builds import git
from roadbed.delivery.builds.commands import BUILD_UID, Command
from roadbed.delivery.builds.domain import Machine, Origin, Source
from roadbed.delivery.builds.errors import BuildFailed, FetchFailed
from roadbed.delivery.builds.folders import beside, disk, make_writable
from roadbed.delivery.builds.git import GitUrl
from roadbed.delivery.builds.limits import run_within
from roadbed.delivery.builds.log import BuildLog
from roadbed.delivery.builds.recipes.parts import Step
from roadbed.delivery.builds.sources import Sources
from roadbed.delivery.builds.watching import Ceiling
from roadbed.sandbox.domain import File, Limits, Mount, Sandbox

_LIMITS = Limits(cpu_seconds=300, file_size_mb=1024, open_files=1024, nice=10)
_SAID = 3
_REVISION = 64


async def fetch(sources: Sources, folder: Path, machine: Machine, wanted: GitUrl) -> tuple[Source, Origin]:
    """Raises FetchFailed with git's last words, which name no credentials; InvalidInput for a tree that isn't taken."""
    with disk(folder):
        async with beside(folder) as made:
            place = made / "fetch"
            make_writable(place)
            await _run(place, machine, wanted)
            archive = place / Path(git.ARCHIVE).name
            revision = await asyncio.to_thread(_revision, place / Path(git.REVISION).name)
            source = await asyncio.to_thread(_kept, sources, archive)
    ref = None if wanted.ref == git.DEFAULT_REF else wanted.ref
    return source, Origin("git", revision=revision, ref=ref, url=wanted.shown)


async def _run(place: Path, machine: Machine, wanted: GitUrl) -> None:
    log = BuildLog(place.parent / "log", _nobody)
    step = Step(f"Fetching {wanted.shown}", git.command(), git.TIMEOUT_S)
    mounts = [Mount(str(place), git.FOLDER, writable=True)]
    if wanted.url.startswith("file:"):
        path = wanted.url.removeprefix("file://")
        mounts.append(Mount(path, path))
    sandbox = Sandbox(
        mounts=tuple(mounts),
        files={git.CONFIGURATION: File(git.configuration(wanted))},
        environment={**_plain(machine.environment), **git.environment(wanted, _certificates(machine))},
        workdir=git.FOLDER,
        uid=BUILD_UID,
        gid=BUILD_UID,
        limits=_LIMITS,
    )
    try:
        await run_within(Command(step, (*machine.lower, *step.arguments), sandbox, (place,)), log, None, Ceiling())
    except BuildFailed as failure:
        said = " / ".join(line for line in log.last(_SAID) if line.strip()) or failure.message
        raise FetchFailed(
            f"{wanted.shown} could not be fetched at {wanted.ref}: {git.without_credentials(said, wanted)}",
            hint="check the URL, the revision (a branch, a tag or a full commit), and that it may be read from here",
        ) from None


def _revision(file: Path) -> str:
    with _opened(file) as said:
        return said.read(_REVISION).decode(errors="replace").strip()


def _kept(sources: Sources, archive: Path) -> Source:
    with _opened(archive) as packed:
        return sources.keep(packed, os.fstat(packed.fileno()).st_size)


def _opened(file: Path) -> BinaryIO:
    """What git wrote, followed nowhere else."""
    return os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    """How the network is reached."""
    return {name: value for name, value in environment.items() if name.lower().endswith("_proxy")}


def _certificates(machine: Machine) -> str | None:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"):
        if value := machine.environment.get(name):
            return value
    return None


async def _nobody(_line: str) -> None:
    """What git says is told only when it fails."""
