"""Go and Ruby, where their tools are on the machine: modules and gems as layers, programs built into the artifact."""

from __future__ import annotations

import re
from collections.abc import Iterator

from roadbed.delivery.builds.domain import Machine, Tool
from roadbed.delivery.builds.recipes.parts import APP, COMMAND_TIMEOUT_S, Part, Step, Tree, sha256
from roadbed.delivery.builds.recipes.requirements import names_local_code
from roadbed.kit.errors import InvalidInput

GO, RUBY = "/layers/go", "/layers/ruby"
_GO_VERSION = re.compile(r"^go (\d+\.\d+(?:\.\d+)?)", re.MULTILINE)
_MAIN = re.compile(rb"^package\s+main\b", re.MULTILINE)
_PROGRAM = re.compile(r"cmd/[^/]+/[^/]+\.go")
_REPLACED = re.compile(r"=>\s*[./]")


def go(tree: Tree, machine: Machine) -> Part | None:
    """The program at the root becomes /app/bin/app; without one, those in `cmd/` become /app/bin/NAME."""
    module = tree.read("go.mod")
    if module is None:
        return None
    tool = _needed(machine, "go", "Go", "go.mod")
    text = module.decode(errors="replace")
    wanted = _GO_VERSION.search(text)
    if wanted and _numbers(wanted[1]) > _numbers(tool.version):
        raise InvalidInput(
            f"the module needs Go {wanted[1]}, and this machine has {tool.version}",
            hint="install a newer Go where the platform runs, or lower `go` in go.mod",
            file="go.mod",
        )
    environment = {"GOMODCACHE": f"{GO}/mod", "GOTOOLCHAIN": "local", "GOFLAGS": "-modcacherw"}
    vendored = "vendor/modules.txt" in tree.paths
    offline = {"GOPROXY": "off", "GOSUMDB": "off", "GOFLAGS": "-mod=vendor" if vendored else "-mod=mod"}
    chosen = "go.sum" not in tree.paths and "require" in text
    return Part(
        language="go",
        version=tool.version,
        inputs={"module": sha256(module), "sum": sha256(tree.read("go.sum")), "platform": machine.platform},
        steps=() if vendored else (Step("Downloading the modules of go.mod", ("go", "mod", "download")),),
        work={"app": APP, "go": GO},
        keep={"go": GO},
        files={f"app/{name}": content for name in ("go.mod", "go.sum") if (content := tree.read(name)) is not None},
        needs_tree=_REPLACED.search(text) is not None,
        path=(f"{APP}/bin",),
        installing=environment,
        environment={**environment, **offline},
        caches={"GOCACHE": "go-build"},
        tools=(tool.prefix,),
        commands=tuple(_go_commands(tree)),
        unlocked="go.mod" if chosen else None,
        notes=("there is no go.sum: versions are chosen now",) if chosen else (),
    )


def _go_commands(tree: Tree) -> Iterator[Step]:
    """Modules come from the layer: there is no network to ask for them."""
    folders = sorted({path.split("/")[1] for path in tree.paths if _PROGRAM.fullmatch(path)})
    at_root = any(
        "/" not in path and _MAIN.search(tree.read(path) or b"") for path in tree.paths if path.endswith(".go")
    )
    for name, package in [("app", ".")] if at_root else [(folder, f"./cmd/{folder}") for folder in folders]:
        build = ("go", "build", "-trimpath", "-o", f"{APP}/bin/{name}", package)
        yield Step(f"Building: go build {package}", build, COMMAND_TIMEOUT_S)


def ruby(tree: Tree, machine: Machine) -> Part | None:
    """The gems of a Gemfile.lock, as Bundler installs them for production."""
    gemfile = tree.read("Gemfile")
    if gemfile is None:
        return None
    tool = _needed(machine, "ruby", "Ruby", "Gemfile")
    bundler = _needed(machine, "bundle", "Bundler", "Gemfile")
    lock = tree.read("Gemfile.lock")
    environment = {"BUNDLE_PATH": RUBY, "BUNDLE_WITHOUT": "development:test", "BUNDLE_APP_CONFIG": f"{RUBY}/.bundle"}
    frozen = {"BUNDLE_FROZEN": "true"}
    packed = any(path.startswith("vendor/cache/") for path in tree.paths)
    local = names_local_code({"Gemfile": gemfile}) or b"path:" in gemfile or b"gemspec" in gemfile
    # Without a lock in the tree Bundler is shown the one that it made: it can write none beside the code.
    chosen = lock is None and not local
    shown = ("Gemfile", "Gemfile.lock", *((".ruby-version",) if ".ruby-version" in tree.paths else ()))
    return Part(
        language="ruby",
        version=tool.version,
        inputs={
            "gemfile": sha256(gemfile),
            "lock": sha256(lock),
            "bundler": bundler.version,
            "platform": machine.platform,
        },
        steps=(
            Step("Installing the gems of the Gemfile", ("bundle", "install", "--jobs", "2")),
            *((Step("Keeping the list of what was installed", ("cp", *shown, RUBY), 60),) if chosen else ()),
        ),
        work={"app": APP, "ruby": RUBY},
        keep={"ruby": RUBY},
        files={
            f"app/{name}": content
            for name in ("Gemfile", "Gemfile.lock", ".ruby-version")
            if (content := tree.read(name)) is not None
        },
        needs_tree=local or packed,
        lock=None if lock else "app/Gemfile.lock",
        unlocked=None if lock else "Gemfile",
        installing={**environment, **(frozen if lock else {})},
        environment={
            **environment,
            **(frozen if lock or chosen else {}),
            **({"BUNDLE_GEMFILE": f"{RUBY}/Gemfile"} if chosen else {}),
            "RACK_ENV": "production",
            "RAILS_ENV": "production",
        },
        tools=(tool.prefix,),
        notes=() if lock else ("there is no Gemfile.lock: versions are chosen now; keep the one `bundle lock` writes",),
    )


def _needed(machine: Machine, program: str, language: str, file: str) -> Tool:
    tool = machine.tools.get(program)
    if tool is None:
        raise InvalidInput(
            f"this is a {'Go' if program == 'go' else 'Ruby'} project, and there is no {language} on this machine",
            hint=f"install {language} where the platform runs (`{program}` on its PATH), then deploy again",
            file=file,
        )
    return tool


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
