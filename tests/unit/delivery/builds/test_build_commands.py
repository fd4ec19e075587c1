"""The commands of a build and their sandboxes, by equality: nothing is run."""

from __future__ import annotations

from pathlib import Path

from roadbed.delivery.builds import artifact, commands
from roadbed.delivery.builds.domain import Machine, Tool
from roadbed.delivery.builds.recipes.choose import Recipe, Wishes, choose
from roadbed.delivery.builds.recipes.parts import Part
from roadbed.sandbox.domain import File, Mount

MACHINE = Machine(
    python="/opt/python/bin/python3.11",
    python_prefix="/opt/python",
    version="3.11.7",
    platform="linux-x86_64",
    uv="/venv/bin/uv",
    uv_version="0.9.0",
    environment={"UV_DEFAULT_INDEX": "https://example.org/simple"},
    mounts={"/etc/uv/uv.toml": "/opt/roadbed/config/uv/uv.toml"},
    files={"/opt/roadbed/config/npmrc": b"registry=x"},
    tools={"node": Tool("/usr/bin/node", "20.1.0", "/usr"), "npm": Tool("/usr/bin/npm", "10.0.0", "/usr")},
    base={"os": "linux"},
)
PACKAGE = b'{"dependencies": {"ms": "2"}, "scripts": {"build": "x"}}'


class _Tree:
    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.paths = frozenset(files)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)


def _recipe(files: dict[str, bytes], wishes: Wishes | None = None) -> Recipe:
    return choose("s", _Tree(files), MACHINE, wishes)


def _install(part: Part, secrets: dict[str, str] | None = None) -> list[commands.Command]:
    return commands.install(
        part, MACHINE, tree=Path("/s/tree"), layer=Path("/b/l"), cache=Path("/b/cache"), secrets=secrets or {}
    )


def test_without_a_lock_file_versions_are_chosen_once_and_kept() -> None:
    made = _install(_recipe({"requirements.txt": b"h11"}).parts[0])
    assert [" ".join(command.arguments) for command in made] == [
        "/opt/roadbed/uv venv --no-project --allow-existing --python /opt/python/bin/python3.11 /layers/python",
        "/opt/roadbed/uv pip compile --quiet --no-header --python /layers/python/bin/python"
        " -o /lock/requirements.txt /app/requirements.txt",
        "/opt/roadbed/uv pip sync --allow-empty-requirements --python /layers/python/bin/python"
        " --compile-bytecode /lock/requirements.txt",
    ]


def test_a_lock_file_is_followed_to_the_letter() -> None:
    made = _install(_recipe({"pyproject.toml": b'[project]\nname = "a"', "uv.lock": b""}).parts[0])
    assert "--frozen" in made[1].arguments
    assert "--no-install-project" in made[1].arguments


def test_installing_sees_the_index_and_nothing_else_of_the_machine() -> None:
    command = _install(_recipe({"main.py": b""}).parts[0])[0]
    sandbox = command.sandbox
    assert sandbox.network
    assert sandbox.mounts == (
        Mount("/s/tree", "/app"),
        Mount("/b/l/python", "/layers/python", writable=True),
        Mount("/b/l/lock", "/lock", writable=True),
        Mount("/b/cache", "/cache", writable=True),
        Mount("/opt/python", "/opt/python"),
        Mount("/venv/bin/uv", "/opt/roadbed/uv"),
        Mount("/etc/uv/uv.toml", "/opt/roadbed/config/uv/uv.toml"),
    )
    assert sandbox.files == {"/opt/roadbed/config/npmrc": File(b"registry=x")}
    assert sandbox.environment["UV_DEFAULT_INDEX"] == "https://example.org/simple"
    assert (sandbox.limits.nice, sandbox.limits.cpu_seconds, sandbox.limits.file_size_mb) == (10, 900, 1024)
    assert command.writes == (Path("/b/l"),)


def test_node_modules_are_installed_where_they_will_be_mounted() -> None:
    part = _recipe({"package.json": PACKAGE}).parts[0]
    sandbox = _install(part, {"TOKEN": "t"})[0].sandbox
    assert Mount("/b/l/app", "/app", writable=True) in sandbox.mounts
    assert Mount("/s/tree", "/app") not in sandbox.mounts
    assert b"scripts" not in part.files["app/package.json"]
    assert sandbox.environment["TOKEN"] == "t"


def test_commands_have_no_network_no_index_and_only_declared_secrets() -> None:
    recipe = _recipe({"package.json": PACKAGE}, Wishes("a", secrets=("TOKEN",), variables={"VITE_API": "/api"}))
    layers = {"/layers/python": Path("/b/x/python")}
    command = commands.run(
        recipe, MACHINE, app=Path("/b/app"), layers=layers, cache=Path("/b/cache"), secrets={"TOKEN": "t"}
    )[0]
    assert command.arguments == ("npm", "run", "build")
    assert not command.sandbox.network
    assert command.sandbox.mounts == (
        Mount("/b/app", "/app", writable=True),
        Mount("/b/x/python", "/layers/python"),
    )
    assert "UV_DEFAULT_INDEX" not in command.sandbox.environment
    assert command.sandbox.environment["VITE_API"] == "/api"
    assert command.sandbox.environment["PATH"].startswith("/app/node_modules/.bin:")
    assert command.sandbox.environment["TOKEN"] == "t"


def test_compiling_has_neither_network_nor_index() -> None:
    command = commands.compile_bytecode(MACHINE, app=Path("/b/app"), python=MACHINE.python)
    assert not command.sandbox.network
    assert command.sandbox.mounts == (Mount("/b/app", "/app", writable=True),)
    assert "UV_DEFAULT_INDEX" not in command.sandbox.environment


def test_an_artifact_says_what_to_mount_and_what_an_image_needs() -> None:
    recipe = _recipe({"src/a.py": b"", "requirements.txt": b"h11"}, Wishes(ports=(8080,)))
    folders = {"/layers/python": Path("/b/l/python")}
    document = artifact.document("d", "s", recipe, MACHINE, app=Path("/b/d/app"), folders=folders)
    assert document["mounts"] == [
        {"source": "/b/d/app", "target": "/app"},
        {"source": "/b/l/python", "target": "/layers/python"},
        {"source": "/opt/python", "target": "/opt/python"},
    ]
    assert document["environment"]["PATH"] == "/layers/python/bin:/opt/python/bin:/usr/local/bin:/usr/bin:/bin"
    assert document["environment"]["PYTHONPATH"] == "/app/src:/app"
    assert (document["ports"], document["workdir"], document["command"]) == ([8080], "/app", None)
    assert document["base"] == {"os": "linux", "tools": [{"name": "python", "version": "3.11.7"}]}
    assert [layer["digest"] for layer in document["layers"]] == [recipe.layers[0], "d"]
