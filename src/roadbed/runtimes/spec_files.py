"""Files and their places, as the properties of a resource say them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from typing import Any

from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.workloads import File
from roadbed.workload.targets import absolute, is_the_kernels, nearest_around

_MODE = re.compile(r"0?[0-7]{3}")


def target_of(path: str) -> str:
    """The absolute path, in its shortest spelling. Raises InvalidService where nothing can be put."""
    target = absolute(path)
    if target is None or not path.startswith("/"):
        raise InvalidService(f"{path!r} is not an absolute path", hint="write it from the root, without '..'")
    if is_the_kernels(target):
        raise InvalidService(f"nothing can be put at {path}, which is the kernel's", hint="choose another place")
    return target


def check_place(target: str, volumes: Collection[str]) -> None:
    """That it doesn't stand within another volume."""
    if (volume := nearest_around(target, volumes)) is not None:
        raise InvalidService(
            f"{target} is to stand within the volume at {volume}", hint="choose a place beside the volume"
        )


def file_of(path: str, file: str | Mapping[str, Any]) -> File:
    """A file is its text, or `{"content": text}`, or `{"binary": base64}`, with a `mode` in octal or without."""
    if isinstance(file, str):
        return File(file.encode())
    mode = str(file.get("mode") or "0644")
    if not _MODE.fullmatch(mode):
        raise InvalidService(f"the file {path} has the mode {mode!r}", hint="write three octal digits, such as 0640")
    return File(_content(path, file), int(mode, 8))


def _content(path: str, file: Mapping[str, Any]) -> bytes:
    if (content := file.get("content")) is not None:
        return str(content).encode()
    try:
        return base64.b64decode(file["binary"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise InvalidService(f"the file {path} has neither content nor valid base64 in binary") from error
