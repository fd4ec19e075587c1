"""Which stack somebody means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roadbed.cli.group import nearest
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.kit.names import StackName


def looks_like_stack(text: str) -> bool:
    """`orders@dev` is a stack, `./orders@dev` a path."""
    return "@" in text and "/" not in text


def check_stack(text: str) -> str:
    """`text` if it can be a stack. Whoever names a source tree is told what ships it."""
    if not looks_like_stack(text) and Path(text).is_dir():
        raise InvalidInput(f"{text} is a directory, no stack", hint=f"ship a source tree with `roadbed deploy {text}`")
    return str(StackName.parse(text))


@contextmanager
def suggesting_stack(client: Client, name: str) -> Iterator[None]:
    """Adds the nearest stack's name to a NotFound of what is done inside, where the platform suggests none."""
    try:
        yield
    except NotFound as error:
        if name not in error.message or (error.hint and "did you mean" in error.hint):
            raise
        known = [item["stack"] for item in client.stacks.list()["items"]]
        if name in known or (meant := nearest(name, known)) is None:
            raise
        raise NotFound(error.message, hint=f"did you mean {meant}?") from error
