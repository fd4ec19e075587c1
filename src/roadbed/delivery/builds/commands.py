"""The commands of a build and the sandboxes they run in. Pure: nothing here runs anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from roadbed.delivery.builds import installers
from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.recipes.choose import Recipe
from roadbed.delivery.builds.recipes.parts import APP, CACHE, UV, Part, Step
from roadbed.sandbox.domain import DEFAULT_UID, File, Limits, Mount, Sandbox

BUILD_UID = DEFAULT_UID + 2
PATH = ("/usr/local/bin", "/usr/bin", "/bin")

_LIMITS = Limits(cpu_seconds=900, file_size_mb=1024, open_files=4096, nice=10)
_TMP_MB = 3072
"""Room for packages that are compiled from source."""
_EPOCH = "315532800"  # 1980: what reproducible-builds.org asks tools to stamp with, and the first that zip can say


@dataclass(frozen=True, slots=True)
class Command:
    """A step and the sandbox that it runs in. `writes` are the machine's folders that may grow by it."""

    step: Step
    arguments: tuple[str, ...]
    sandbox: Sandbox
    writes: tuple[Path, ...] = ()


def install(
    part: Part, machine: Machine, *, tree: Path, layer: Path, cache: Path, secrets: Mapping[str, str]
) -> list[Command]:
    """What makes a layer in the folder `layer`, whose folders, like `cache`, belong to the build's user."""
    folders = [Mount(str(layer / name), target, writable=True) for name, target in part.work.items()]
    seen = [] if APP in part.work.values() else [Mount(str(tree / part.folder), APP)]
    sandbox = _sandbox(
        machine,
        mounts=(*seen, *folders, Mount(str(cache), CACHE, writable=True), *_tools(part.tools)),
        environment={
            **machine.environment,
            **_uv(),
            **part.installing,
            **secrets,
            "PATH": ":".join((*part.path, *_beside(part.tools), *PATH)),
        },
        network=True,
    )
    return [_command(step, machine, sandbox, layer) for step in part.steps]


def run(
    recipe: Recipe,
    machine: Machine,
    *,
    app: Path,
    layers: Mapping[str, Path],
    cache: Path,
    secrets: Mapping[str, str],
    own: Mapping[str, Path] = MappingProxyType({}),
) -> list[Command]:
    """The commands of the build. `layers` maps where folders of layers are mounted to them, `own` where those are that
    the commands may write to.

    Of the `cache` they see what is their own compiler's, and all of it where they have the network.
    """
    caches = caches_of(recipe)
    kept = [""] if recipe.network else [f"/{name}" for name in caches.values()]
    mounts = (
        Mount(str(app), APP, writable=True),
        *(Mount(str(source), target) for target, source in layers.items()),
        *(Mount(str(source), target, writable=True) for target, source in own.items()),
        *(Mount(f"{cache}{name}", f"{CACHE}{name}", writable=True) for name in kept),
        *_tools(tuple(path for part in recipe.parts for path in part.tools)),
    )
    environment = {
        **environment_of(recipe),
        **(_with_network(recipe, machine) if recipe.network else {}),
        **{variable: f"{CACHE}/{name}" for variable, name in caches.items()},
        "SOURCE_DATE_EPOCH": _EPOCH,
        "CI": "true",
        **recipe.variables,
        **secrets,
    }
    sandbox = _sandbox(machine, mounts=mounts, environment=environment, network=recipe.network)
    if recipe.network:
        sandbox = replace(sandbox, files={**sandbox.files, **installers.files()})
    writes = (app, *own.values(), *(cache / name for name in caches.values()))
    return [_command(step, machine, sandbox, *writes) for step in recipe.commands]


def _with_network(recipe: Recipe, machine: Machine) -> dict[str, str]:
    """What installing packages goes by. Those that only building needs are installed, and stay so."""
    environment = environment_of(recipe)
    installing = {name: value for part in recipe.parts for name, value in part.installing.items()}
    folders = (target for part in recipe.parts for target in part.keep.values())
    return {
        **machine.environment,
        **_uv(),
        **installing,
        "npm_config_include": "dev",
        "PATH": f"{installers.FOLDER}:{environment['PATH']}",
        "PYTHONPATH": ":".join(filter(None, (environment.get("PYTHONPATH"), installers.MODULES))),
        installers.NODE_FOLDERS: ":".join(
            target.removesuffix("/node_modules") for target in folders if target.endswith("/node_modules")
        ),
    }


def caches_of(recipe: Recipe) -> dict[str, str]:
    """The variables by which commands are told of caches, and the folders below `CACHE`."""
    return {variable: name for part in recipe.parts for variable, name in part.caches.items()}


def compile_bytecode(machine: Machine, *, app: Path, python: str) -> Command:
    """Compiles the application itself, running none of its code: `-I -S` keeps its packages and hooks out.

    An error of syntax fails nothing here: the file may never be imported.
    """
    sandbox = _sandbox(machine, mounts=(Mount(str(app), APP, writable=True),))
    skip = r"/(\.venv|node_modules)/"
    arguments = ("-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-x", skip, APP)
    step = Step("Compiling", (python, *arguments), 300, good=frozenset({0, 1}))
    return _command(step, machine, sandbox, app)


def environment_of(recipe: Recipe) -> dict[str, str]:
    """What commands of the build and replicas find set."""
    merged = {name: value for part in recipe.parts for name, value in part.environment.items()}
    tools = tuple(path for part in recipe.parts for path in part.tools)
    path = (*(folder for part in recipe.parts for folder in part.path), *_beside(tools), *PATH)
    return {"PATH": ":".join(dict.fromkeys(path)), **merged, "LANG": "C.UTF-8"}


def outside_usr(paths: tuple[str, ...]) -> list[str]:
    """Those of the machine's folders that a sandbox doesn't show anyway."""
    return [path for path in dict.fromkeys(paths) if not Path(path).is_relative_to("/usr") and path != "/"]


def _tools(paths: tuple[str, ...]) -> tuple[Mount, ...]:
    return tuple(Mount(path, path) for path in outside_usr(paths))


def _beside(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Where the programs of tools lie that are not in the usual places."""
    return tuple(f"{path}/bin" for path in outside_usr(paths))


def _command(step: Step, machine: Machine, sandbox: Sandbox, *writes: Path) -> Command:
    return Command(step, (*machine.lower, *step.arguments), sandbox, writes)


def _sandbox(
    machine: Machine,
    *,
    mounts: tuple[Mount, ...],
    environment: Mapping[str, str] | None = None,
    network: bool = False,
) -> Sandbox:
    """The package indexes' settings and their network only where something is installed."""
    tools = {machine.uv: UV, **machine.mounts} if network else {}
    base = {"PATH": ":".join(PATH), "HOME": "/tmp", "LANG": "C.UTF-8", "NO_COLOR": "1"}  # noqa: S108 - its own /tmp
    return Sandbox(
        mounts=(*mounts, *(Mount(source, target) for source, target in tools.items())),
        files={path: File(content) for path, content in machine.files.items()} if network else {},
        environment={**base, **(environment or {})},
        workdir=APP,
        network=network,
        uid=BUILD_UID,
        gid=BUILD_UID,
        tmp_mb=_TMP_MB,
        limits=_LIMITS,
    )


def _uv() -> dict[str, str]:
    return {
        "UV_CACHE_DIR": f"{CACHE}/uv",
        "UV_PROJECT_ENVIRONMENT": "/layers/python",
        "UV_LINK_MODE": "copy",  # hard links can't cross mounts, and would let one build change another's packages
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "UV_TOOL_DIR": f"{CACHE}/uv-tools",
    }
