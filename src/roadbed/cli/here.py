"""Which application a directory is about, so that commands run inside it need not be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from roadbed.cli.directories import check_directory
from roadbed.cli.group import nearest
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, NotFound, RoadbedError
from roadbed.kit.names import check_label
from roadbed.workload.files import APPLICATION_FILES, SCORE_FILES

_FILES = (*APPLICATION_FILES, *SCORE_FILES)
_LIMIT = 1 << 20


def application_or_here(name: str | None, directory: Path | None = None) -> str:
    """`name`, else what `roadbed.yaml` or `score.yaml` in `directory` (default: the current one) call it, else what a
    deploy of that directory would.
    """
    if name is not None:
        return check_label(name, "the application")
    directory = check_directory(directory or Path.cwd())
    if (found := application_in(directory) or _understood_in(directory)) is not None:
        return found
    raise InvalidInput(
        f"no application is named, and {directory.absolute()} describes none",
        hint="name it, or go to the directory that holds its source",
    )


def application_in(directory: Path) -> str | None:
    for file in _FILES:
        path = directory / file
        if path.is_file() and (name := _metadata_name(path)) is not None:
            return name
    return None


def names_score_files(directory: Path) -> bool:
    """Whether its `roadbed.yaml` does. False, too, for one that can't be read: who reads it next says why."""
    path = next((directory / file for file in APPLICATION_FILES if (directory / file).is_file()), None)
    with suppress(InvalidInput):
        document = _read_yaml(path) if path is not None else None
        workloads = document.get("workloads") if isinstance(document, dict) else None
        named = workloads.values() if isinstance(workloads, dict) else ()
        return any(isinstance(workload, dict) and workload.get("score") for workload in named)
    return False


def _understood_in(directory: Path) -> str | None:
    """None where nothing says what runs. Raises InvalidInput where what would say it can't be shipped."""
    from roadbed.cli.understanding import detect_in, open_directory

    try:
        return detect_in(directory, open_directory(directory), None).name
    except RoadbedError as error:
        if error.problem.file in (*APPLICATION_FILES, *SCORE_FILES):
            raise
        return None


def _metadata_name(path: Path) -> str | None:
    document = _read_yaml(path)
    metadata = document.get("metadata") if isinstance(document, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str):
        return None
    try:
        return check_label(name, "metadata.name")
    except InvalidInput as error:
        raise InvalidInput(error.message, hint=error.hint, file=path.name) from error


def _read_yaml(path: Path) -> Any:
    import yaml

    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            raise InvalidInput(
                "has more than 1 MB", hint="it describes an application: leave the rest out", file=path.name
            )
        text = content.decode("utf-8-sig")
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # safe
    except OSError as error:
        raise InvalidInput(f"can't be read: {error.strerror}", file=str(path)) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InvalidInput("this is not UTF-8 text", file=path.name, line=line) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise InvalidInput(
            f"is no YAML: {error.problem}",
            file=path.name,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from error
    except yaml.YAMLError as error:
        raise InvalidInput("is no YAML: it has control characters", file=path.name) from error


@contextmanager
def suggesting(client: Client, name: str) -> Iterator[None]:
    """Adds the nearest application's name to a NotFound of what is done inside."""
    try:
        yield
    except NotFound as error:
        known = sorted({item["application"] for item in client.applications.list()["items"]})
        if name in known or (meant := nearest(name, known)) is None:
            raise
        raise NotFound(error.message, hint=f"did you mean {meant}?") from error
