"""Node: `node_modules` as a layer of its own, mounted at /app/node_modules, made by the manager that wrote the lock."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from roadbed.delivery.builds.domain import Machine, Tool
from roadbed.delivery.builds.recipes.parts import APP, CACHE, COMMAND_TIMEOUT_S, Part, Step, Tree, sha256
from roadbed.delivery.builds.recipes.versions import node_fits
from roadbed.kit.errors import InvalidInput

Manager: TypeAlias = Literal["npm", "pnpm", "yarn"]

MODULES, TOOLS = f"{APP}/node_modules", "/layers/node"
LOCKS: Mapping[str, Manager] = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "npm-shrinkwrap.json": "npm",
    "package-lock.json": "npm",
}
_DEFAULTS = {"pnpm-5": "7.33.7", "pnpm-6": "8.15.9", "pnpm-9": "9.15.9", "yarn-1": "1.22.22", "yarn-2": "4.9.2"}
"""The version of a manager for what its lock file says of itself, where `packageManager` says nothing."""
_CONFIG = (".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml")
_LIFECYCLE = ("preinstall", "install", "postinstall")
_LOCAL = re.compile(r"^(?:file:|link:|portal:|workspace:|\.|/)")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?")
_TABLES = ("dependencies", "devDependencies", "optionalDependencies")
_INSTALLING = {
    "npm_config_cache": f"{CACHE}/npm",
    "npm_config_update_notifier": "false",
    "YARN_CACHE_FOLDER": f"{CACHE}/yarn",
    "YARN_ENABLE_GLOBAL_CACHE": "false",
    "YARN_ENABLE_TELEMETRY": "false",
    "YARN_IGNORE_PATH": "true",
    "YARN_NODE_LINKER": "node-modules",
}
_PNPM = ("--config.manage-package-manager-versions=false",)
_ENVIRONMENT = {"NODE_ENV": "production", "npm_config_update_notifier": "false", "npm_config_fund": "false"}


@dataclass(frozen=True, slots=True)
class _Package:
    """What of package.json decides how it is built."""

    document: Mapping[str, Any]
    manager: Manager
    lock: str | None
    version: str | None

    @property
    def scripts(self) -> Mapping[str, Any]:
        return _mapping(self.document, "scripts")

    @property
    def needs_tree(self) -> bool:
        """Its own scripts run while it is installed, or packages of it lie in the tree."""
        specs = [spec for table in _TABLES for spec in _mapping(self.document, table).values()]
        local = any(isinstance(spec, str) and _LOCAL.match(spec) for spec in specs)
        patched = "patchedDependencies" in _mapping(self.document, "pnpm")
        return local or patched or "workspaces" in self.document or any(name in self.scripts for name in _LIFECYCLE)


def node(tree: Tree, machine: Machine) -> Part | None:
    """None for a tree without package.json. Raises InvalidInput for one that this machine can't build."""
    content = tree.read("package.json")
    if content is None:
        return None
    package = _read(content, tree)
    runtime = _runtime(machine, "this is a Node project", "package.json")
    if package.manager == "npm" and "npm" not in machine.tools:
        raise InvalidInput(
            "there is Node on this machine, and no npm",
            hint="install npm where the platform runs",
            file="package.json",
        )
    inputs = {
        "manager": [package.manager, package.version],
        "package": {name: package.document.get(name) for name in (*_TABLES, "overrides", "resolutions", "pnpm")},
        "lock": sha256(tree.read(package.lock)) if package.lock else None,
        "config": {name: sha256(tree.read(name)) for name in _CONFIG},
        "npm": machine.tools["npm"].version if "npm" in machine.tools else None,
        "platform": machine.platform,
    }
    own = package.manager != "npm"
    return Part(
        language="node",
        version=runtime.version,
        inputs=inputs,
        steps=(*_manager(package), _install(package)) if _installs(package) else (),
        work={"app": APP, "node": TOOLS},
        keep={"app/node_modules": MODULES, **({"node": TOOLS} if own else {})},
        files=_files(tree, package, content),
        needs_tree=package.needs_tree or "pnpm-workspace.yaml" in tree.paths,
        lock=None if package.lock else f"app/{_own_lock(package)}",
        unlocked="package.json" if package.lock is None and _installs(package) else None,
        path=(*((f"{TOOLS}/bin",) if own else ()), f"{MODULES}/.bin"),
        installing=_INSTALLING,
        environment=_ENVIRONMENT,
        tools=(runtime.prefix,),
        commands=_commands(package),
        notes=tuple(_notes(package, runtime.version)),
    )


def node_alone(tree: Tree, machine: Machine) -> Part:
    """Without a package: for a tree that has no package.json, and commands that name Node all the same."""
    runtime = _runtime(machine, "a command names Node")
    return Part(
        language="node",
        version=runtime.version,
        inputs={"platform": machine.platform},
        steps=(),
        work={},
        keep={},
        environment=_ENVIRONMENT,
        tools=(runtime.prefix,),
    )


def _runtime(machine: Machine, who: str, file: str | None = None) -> Tool:
    runtime = machine.tools.get("node")
    if runtime is None:
        raise InvalidInput(
            f"{who}, and there is no Node on this machine",
            hint="install Node 20 or newer where the platform runs (`node` and `npm` on its PATH)",
            file=file,
        )
    return runtime


def _read(content: bytes, tree: Tree) -> _Package:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise InvalidInput(f"this is not valid JSON: {error}", file="package.json", line=line) from None
    if not isinstance(document, dict) or not all(isinstance(document.get(name, {}), dict) for name in _TABLES):
        raise InvalidInput("this is no package.json: it and its dependencies must be objects", file="package.json")
    lock = next((name for name in LOCKS if name in tree.paths), None)
    named, _, version = str(document.get("packageManager", "")).partition("@")
    manager = next((known for known in LOCKS.values() if known == named), LOCKS[lock] if lock else "npm")
    if lock and LOCKS[lock] != manager:
        lock = next((name for name in LOCKS if LOCKS[name] == manager and name in tree.paths), None)
    given = _VERSION.match(version)
    return _Package(document, manager, lock, given[0] if given else _default_version(manager, tree, lock))


def _default_version(manager: Manager, tree: Tree, lock: str | None) -> str | None:
    head = (tree.read(lock) or b"")[:2000].decode(errors="replace") if lock else ""
    if manager == "pnpm":
        said = re.search(r"lockfileVersion:\s*'?(\d+)", head)
        return _DEFAULTS.get(f"pnpm-{said[1] if said else 9}", _DEFAULTS["pnpm-9"])
    if manager == "yarn":
        return _DEFAULTS["yarn-2" if "__metadata:" in head else "yarn-1"]
    return None


def _installs(package: _Package) -> bool:
    return any(package.document.get(name) for name in _TABLES) or "workspaces" in package.document


def _manager(package: _Package) -> tuple[Step, ...]:
    """npm comes with Node; the others are packages themselves, brought along for `build` and `start`."""
    if package.manager == "npm":
        return ()
    berry = package.manager == "yarn" and not str(package.version).startswith(("0.", "1."))
    name = "@yarnpkg/cli-dist" if berry else package.manager
    arguments = (
        "npm",
        "install",
        "--global",
        "--prefix",
        TOOLS,
        "--no-audit",
        "--no-fund",
        f"{name}@{package.version}",
    )
    return (Step(f"Getting {package.manager} {package.version}", arguments, 300),)


def _install(package: _Package) -> Step:
    """With what only building needs: `build` may come after."""
    does = (
        f"Installing what {package.lock} locks"
        if package.lock
        else "Choosing versions for package.json, and installing"
    )
    quiet = ("--no-audit", "--no-fund", "--loglevel=warn")
    match package.manager, package.lock:
        case "npm", None:
            arguments: tuple[str, ...] = ("npm", "install", "--include=dev", *quiet)
        case "npm", _:
            arguments = ("npm", "ci", "--include=dev", *quiet)
        case "pnpm", lock:
            frozen = "--frozen-lockfile" if lock else "--no-frozen-lockfile"
            store = ("--store-dir", f"{CACHE}/pnpm", "--package-import-method", "copy", *_PNPM)
            arguments = (f"{TOOLS}/bin/pnpm", "install", frozen, "--prod=false", *store)
        case _, lock:
            arguments = (f"{TOOLS}/bin/yarn", "install", *_yarn_options(package, locked=lock is not None))
    return Step(does, arguments)


def _yarn_options(package: _Package, *, locked: bool) -> tuple[str, ...]:
    if str(package.version).startswith(("0.", "1.")):
        frozen = ("--frozen-lockfile",) if locked else ()
        return (*frozen, "--production=false", "--non-interactive", "--cache-folder", f"{CACHE}/yarn")
    return ("--immutable",) if locked else ("--no-immutable",)


def _files(tree: Tree, package: _Package, content: bytes) -> dict[str, bytes]:
    """What the manager reads. Without the package's own scripts where these are not to run while it installs."""
    if package.needs_tree:
        return {}
    bare = {name: value for name, value in json.loads(content).items() if name != "scripts"}
    names = [name for name in (package.lock, *_CONFIG) if name]
    found = {f"app/{name}": read for name in names if (read := tree.read(name)) is not None}
    return {"app/package.json": json.dumps(bare, indent=2).encode(), **found}


def _own_lock(package: _Package) -> str:
    return {"npm": "package-lock.json", "pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock"}[package.manager]


def _commands(package: _Package) -> tuple[Step, ...]:
    if not package.scripts.get("build"):
        return ()
    does = f"Building: {package.manager} run build"
    return (Step(does, (package.manager, "run", "build"), COMMAND_TIMEOUT_S),)


def _notes(package: _Package, version: str) -> list[str]:
    notes = []
    wanted = _mapping(package.document, "engines").get("node")
    if isinstance(wanted, str) and not node_fits(version, wanted):
        notes.append(f"package.json asks for Node {wanted}, which this machine lacks: built with {version}")
    if package.lock is None and _installs(package):
        lock = _own_lock(package)
        notes.append(
            f"there is no {lock}: versions are chosen now; keep the file that `{package.manager} install` writes"
        )
    return notes


def _mapping(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}
