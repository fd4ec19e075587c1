"""From a container of a workload to the sandbox and command that run it. Pure, but for the folders of volumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from roadbed.runtimes.domain import user_of
from roadbed.runtimes.drivers.process.artifact import Artifact
from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.volumes import Volumes
from roadbed.runtimes.workloads import Container, Workload, port_variable
from roadbed.sandbox.domain import File, Host, Limits, Mount, Sandbox

LOOPBACK = "127.0.0.1"
_OPEN_FILES = 65_536


def sandbox_of(
    workload: Workload,
    container: Container,
    artifact: Artifact,
    *,
    stack: str,
    ports: Mapping[str, int],
    volumes: Volumes,
    host: Host,
) -> tuple[Sandbox, Sequence[str]]:
    """`ports` are those that the replica was given, by name. Raises InvalidService when it can't run here."""
    command = container.command or artifact.command
    if not command:
        raise InvalidService(
            "nothing says which command to run", hint="set `command` of the container in its Score file"
        )
    if (container.files or container.volumes) and host.bwrap is None:
        raise InvalidService(
            "files and volumes at absolute paths need a sandbox, which this machine's kernel forbids",
            hint="`roadbed doctor` says how to allow it",
        )
    _check_reach((*container.files, *container.volumes), host)
    uid = user_of(stack)
    own = {"HOME": "/tmp", **port_variables(workload, ports)}  # noqa: S108 - inside the sandbox
    given = {"HOST": LOOPBACK} if ports else {}
    sandbox = Sandbox(
        mounts=(*artifact.mounts, *_volumes(container, stack, volumes)),
        files={path: File(file.content, file.mode) for path, file in container.files.items()},
        environment={**given, **artifact.environment, **container.variables, **own},
        workdir=artifact.workdir,
        uid=uid,
        gid=uid,
        limits=Limits(open_files=_OPEN_FILES),
    )
    return sandbox, command


def _check_reach(targets: Sequence[str], host: Host) -> None:
    """Without root, nothing can be put into folders that are root's."""
    system = () if host.root else (*host.folders, *host.etc)
    for target in targets:
        folder = next((one for one in system if one != target and PurePosixPath(target).is_relative_to(one)), None)
        if folder is not None:
            raise InvalidService(
                f"nothing can be put at {target}: {folder} is the machine's, and the platform is not root here",
                hint="choose a place of the program's own, such as /etc/app or /opt/app, or run the platform as root",
            )


def port_variables(workload: Workload, ports: Mapping[str, int]) -> dict[str, str]:
    """`PORT` is the first service port's, and each has `PORT_<NAME>`, in capitals and with `_` for `-`."""
    found = {port_variable(name): str(port) for name, port in ports.items()}
    first = workload.main_port
    return found | ({"PORT": str(ports[first.name])} if first is not None and first.name in ports else {})


def _volumes(container: Container, stack: str, volumes: Volumes) -> list[Mount]:
    return [
        Mount(
            str(volumes.folder(stack, volume.source, volume.path)),
            target,
            writable=not volume.read_only,
            within=volume.path,
        )
        for target, volume in container.volumes.items()
    ]
