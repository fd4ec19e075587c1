"""What the machine has of what the platform needs. Each check looks at one thing, and changes nothing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from roadbed.doctor.domain import Check
from roadbed.sandbox.domain import Isolation

LITTLE_SPACE = 2 * 2**30
"""Bytes of free disk below which a build or a database may soon fail."""


def machine(home: Path, isolation: Isolation, *, portal_built: bool) -> list[Check]:
    limits = [_memory(isolation), _cpu(isolation)]
    return [_python(), _git(), _portal(built=portal_built), _disk(home), _sandbox(isolation), *limits]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", "ok", f"{version} at {sys.executable}")


def _git() -> Check:
    found = shutil.which("git")
    if found is None:
        return Check("git", "missing", "not found", "install git: golden paths and the platform repo need it")
    return Check("git", "ok", found)


def _portal(*, built: bool) -> Check:
    if not built:
        return Check("portal", "missing", "its pages were not bundled", "install Node 20 and run `make assets`")
    return Check("portal", "ok", "bundled")


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    detail = f"{free / 2**30:.1f} GB free below {home}"
    if free < LITTLE_SPACE:
        return Check("disk", "warning", detail, "free some space, or set ROADBED_HOME to a larger disk")
    return Check("disk", "ok", detail)


def _sandbox(isolation: Isolation) -> Check:
    if not isolation.sandbox:
        remedy = "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1), or run the platform as root"
        return Check("sandbox", "warning", f"replicas and builds are not isolated: {isolation.reason}", remedy)
    return Check("sandbox", "ok", f"each replica and each build sees its own root, as the user {isolation.user}")


def _memory(isolation: Isolation) -> Check:
    if isolation.memory == "watch":
        detail = "enforced by watching, every two seconds: cgroups can't be written here"
        return Check("memory limits", "ok", detail)
    return Check("memory limits", "ok", "enforced by the kernel (cgroups)")


def _cpu(isolation: Isolation) -> Check:
    if isolation.cpu == "none":
        return Check("cpu limits", "ok", "not enforced here: cgroups can't be written, so a cpu limit is only recorded")
    return Check("cpu limits", "ok", "enforced by the kernel (cgroups)")
