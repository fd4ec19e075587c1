"""The commands of a build, by equality."""

from __future__ import annotations

from pathlib import Path

from roadbed.delivery.builds import commands
from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.recipe import Recipe
from roadbed.sandbox.domain import Mount

MACHINE = Machine(
    python="/opt/python/bin/python3.11",
    python_prefix="/opt/python",
    version="3.11.7",
    platform="linux-x86_64",
    uv="/venv/bin/uv",
    uv_version="0.9.0",
    environment={"UV_DEFAULT_INDEX": "https://example.org/simple"},
    mounts={"/etc/uv/uv.toml": "/opt/roadbed/config/uv/uv.toml"},
    max_processes=512,
)
FOLDERS = {"tree": Path("/s/tree"), "layer": Path("/b/layer"), "cache": Path("/b/cache"), "lock": Path("/b/lock")}


def test_without_a_lock_file_versions_are_chosen_once_and_kept() -> None:
    made = commands.install(Recipe("requirements.txt", "3.11.7", "l"), MACHINE, **FOLDERS)
    assert [" ".join(command.arguments) for command in made] == [
        "/opt/roadbed/uv venv --no-project --allow-existing --python /opt/python/bin/python3.11 /layers/python",
        "/opt/roadbed/uv pip compile --quiet --no-header --python /layers/python/bin/python"
        " -o /lock/requirements.txt /app/requirements.txt",
        "/opt/roadbed/uv pip sync --allow-empty-requirements --python /layers/python/bin/python"
        " --compile-bytecode /lock/requirements.txt",
    ]


def test_a_lock_file_is_followed_to_the_letter() -> None:
    made = commands.install(Recipe("uv.lock", "3.11.7", "l"), MACHINE, **FOLDERS)
    assert "--frozen" in made[1].arguments
    assert "--no-install-project" in made[1].arguments


def test_installing_sees_the_index_and_nothing_else_of_the_machine() -> None:
    sandbox = commands.install(Recipe("none", "3.11.7", "l"), MACHINE, **FOLDERS)[0].sandbox
    assert sandbox.network
    assert sandbox.mounts == (
        Mount("/s/tree", "/app"),
        Mount("/b/layer", "/layers/python", writable=True),
        Mount("/b/cache", "/cache", writable=True),
        Mount("/b/lock", "/lock", writable=True),
        Mount("/venv/bin/uv", "/opt/roadbed/uv"),
        Mount("/etc/uv/uv.toml", "/opt/roadbed/config/uv/uv.toml"),
    )
    assert sandbox.environment["UV_DEFAULT_INDEX"] == "https://example.org/simple"
    assert (sandbox.limits.nice, sandbox.limits.processes, sandbox.limits.memory_mb) == (10, 512, 3072)


def test_compiling_has_neither_network_nor_index() -> None:
    command = commands.compile_bytecode(MACHINE, tree=Path("/b/app"))
    assert not command.sandbox.network
    assert command.sandbox.mounts == (Mount("/b/app", "/app", writable=True),)
    assert "UV_DEFAULT_INDEX" not in command.sandbox.environment


def test_an_artifact_mounts_the_tree_the_layer_and_the_interpreter() -> None:
    document = commands.artifact("d", MACHINE, tree=Path("/b/d/app"), layer=Path("/b/l/python"), has_src=True)
    assert document["mounts"] == [
        {"source": "/b/d/app", "target": "/app"},
        {"source": "/b/l/python", "target": "/layers/python"},
        {"source": "/opt/python", "target": "/opt/python"},
    ]
    assert document["environment"]["PATH"] == "/layers/python/bin:/usr/local/bin:/usr/bin:/bin"
    assert document["environment"]["PYTHONPATH"] == "/app/src:/app"
