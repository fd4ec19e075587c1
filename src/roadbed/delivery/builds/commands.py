"""The commands of a build and the sandboxes they run in. Pure: nothing here runs anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.recipe import Recipe
from roadbed.sandbox.domain import DEFAULT_UID, Limits, Mount, Sandbox

BUILD_UID = DEFAULT_UID + 2
LAYER, APP, CACHE, LOCK, UV = "/layers/python", "/app", "/cache", "/lock", "/opt/roadbed/uv"
LOCKED = "requirements.txt"
"""What was installed, in the folder mounted at LOCK."""
PATH = f"{LAYER}/bin:/usr/local/bin:/usr/bin:/bin"

VENV_TIMEOUT_S, INSTALL_TIMEOUT_S = 60.0, 900.0

_LIMITS = Limits(memory_mb=3072, cpu_seconds=900, file_size_mb=1024, open_files=4096, nice=10)
_TMP_MB = 3072
"""Room for packages that are compiled from source."""


@dataclass(frozen=True, slots=True)
class Command:
    """`does` says to the person who waits what goes on. `timeout_s` ends it; `good` are the codes of success."""

    does: str
    arguments: tuple[str, ...]
    sandbox: Sandbox
    timeout_s: float
    good: frozenset[int] = frozenset({0})


def install(recipe: Recipe, machine: Machine, *, tree: Path, layer: Path, cache: Path, lock: Path) -> list[Command]:
    """What makes a layer. `layer`, `cache` and `lock` are folders that belong to the build's user."""
    sandbox = _sandbox(
        machine,
        mounts=(
            Mount(str(tree), APP),
            Mount(str(layer), LAYER, writable=True),
            Mount(str(cache), CACHE, writable=True),
            Mount(str(lock), LOCK, writable=True),
        ),
        network=True,
    )
    moved = () if machine.sandboxed else ("--relocatable",)
    venv = Command(
        f"Making an environment with Python {machine.version}",
        (UV, "venv", "--no-project", "--allow-existing", *moved, "--python", machine.python, LAYER),
        sandbox,
        VENV_TIMEOUT_S,
    )
    return [venv, *_installing(recipe, sandbox)]


def _installing(recipe: Recipe, sandbox: Sandbox) -> list[Command]:
    if recipe.dependencies == "none":
        return []
    lock = f"{LOCK}/{LOCKED}"
    if recipe.dependencies == "uv.lock":
        sync = (UV, "sync", "--frozen", "--no-install-project", "--no-dev", "--no-editable", "--compile-bytecode")
        export = (
            UV,
            "export",
            "--frozen",
            "--no-emit-project",
            "--no-dev",
            "--quiet",
            "-o",
            f"{LOCK}/requirements.txt",
        )
        return [
            Command("Installing the dependencies of uv.lock", sync, sandbox, INSTALL_TIMEOUT_S),
            Command("Keeping the list of what was installed", export, sandbox, 60),
        ]
    compile_ = (UV, "pip", "compile", "--quiet", "--no-header", "--python", f"{LAYER}/bin/python", "-o", lock)
    sync = (UV, "pip", "sync", "--allow-empty-requirements", "--python", f"{LAYER}/bin/python", "--compile-bytecode")
    return [
        Command(
            f"Choosing versions for {recipe.dependencies}: there is no lock file",
            (*compile_, f"{APP}/{recipe.dependencies}"),
            sandbox,
            300,
        ),
        Command("Installing them", (*sync, lock), sandbox, INSTALL_TIMEOUT_S),
    ]


def compile_bytecode(machine: Machine, *, tree: Path) -> Command:
    """Compiles the application itself, running none of its code: `-I -S` keeps its packages and hooks out.

    An error of syntax fails nothing here: the file may never be imported.
    """
    sandbox = _sandbox(machine, mounts=(Mount(str(tree), APP, writable=True),), network=False)
    skip = r"/(\.venv|node_modules)/"
    arguments = ("-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-x", skip, APP)
    return Command("Compiling", (machine.python, *arguments), sandbox, 300, good=frozenset({0, 1}))


def artifact(digest: str, machine: Machine, *, tree: Path, layer: Path, has_src: bool) -> dict[str, Any]:
    """`artifact.json`: what a runtime mounts, read-only, and sets. The interpreter stands at its own path."""
    mounts = {str(tree): APP, str(layer): LAYER}
    if not Path(machine.python_prefix).is_relative_to("/usr"):
        mounts[machine.python_prefix] = machine.python_prefix
    return {
        "version": 1,
        "digest": digest,
        "kind": "directory",
        "workdir": APP,
        "mounts": [{"source": source, "target": target} for source, target in mounts.items()],
        "environment": {
            "PATH": PATH,
            "VIRTUAL_ENV": LAYER,
            "PYTHONPATH": f"{APP}/src:{APP}" if has_src else APP,
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
        },
        "command": None,
    }


def _sandbox(machine: Machine, *, mounts: tuple[Mount, ...], network: bool) -> Sandbox:
    """No secrets; the package index's settings only where something is installed."""
    tools = {machine.uv: UV, **machine.mounts} if network else {}
    return Sandbox(
        mounts=(*mounts, *(Mount(source, target) for source, target in tools.items())),
        environment=_environment(machine.environment if network else {}),
        workdir=APP,
        network=network,
        uid=BUILD_UID,
        gid=BUILD_UID,
        tmp_mb=_TMP_MB,
        limits=replace(_LIMITS, processes=machine.max_processes),
    )


def _environment(index: Mapping[str, str]) -> dict[str, str]:
    return {
        **index,
        "PATH": PATH,
        "HOME": "/tmp",  # noqa: S108 - inside the sandbox, where it is private
        "LANG": "C.UTF-8",
        "UV_CACHE_DIR": CACHE,
        "UV_PROJECT_ENVIRONMENT": LAYER,
        "UV_LINK_MODE": "copy",  # hard links can't cross mounts, and would let one build change another's packages
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "NO_COLOR": "1",
    }
