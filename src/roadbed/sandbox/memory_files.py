"""Files that exist in memory only: how secrets reach a process without an argument, an environment or a disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from roadbed.sandbox.arguments import descriptors_needed, join, launch
from roadbed.sandbox.domain import Host, Sandbox
from roadbed.sandbox.folders import open_within


@contextmanager
def prepared(
    sandbox: Sandbox, command: Sequence[str], host: Host, *, inside: int | None = None
) -> Iterator[tuple[list[str], list[int]]]:
    """The arguments that start `command`, and the open descriptors to pass with them, closed when the block ends.

    With `inside`, a pid, it runs in that process's sandbox instead of one of its own.
    """
    with ExitStack() as opened:
        count = 1 if inside is not None else descriptors_needed(sandbox, host)
        descriptors = [_open(opened) for _ in range(count)]
        if inside is not None:
            ready = join(sandbox, command, host, inside, descriptors[0])
        else:
            ready = launch(sandbox, command, host, descriptors)
        for descriptor, content in ready.files:
            with os.fdopen(os.dup(descriptor), "wb") as file:
                file.write(content)
            os.lseek(descriptor, 0, os.SEEK_SET)
        for descriptor, root, path in ready.folders:
            folder = open_within(root, path)
            os.dup2(folder, descriptor)
            os.close(folder)
        yield list(ready.argv), descriptors


def _open(opened: ExitStack) -> int:
    descriptor = os.memfd_create("roadbed")
    opened.callback(os.close, descriptor)
    return descriptor
