"""Files and their places, as the properties of a resource say them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.workloads import File

_MODE = re.compile(r"0?[0-7]{3}")
_KERNELS = ("/proc", "/sys", "/dev", "/run/roadbed")
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 - of the sandbox


def target_of(path: str) -> str:
    """The absolute path, in its shortest spelling. Raises InvalidService where nothing can be put."""
    place = PurePosixPath(path)
    if not path.startswith("/") or ".." in place.parts or "\0" in path or len(place.parts) < 2:
        raise InvalidService(f"{path!r} is not an absolute path", hint="write it from the root, without '..'")
    target = "/" + "/".join(place.parts[1:])
    kernels = any(PurePosixPath(target).is_relative_to(folder) for folder in _KERNELS)
    if kernels and not (target.startswith(f"{_SHARED_MEMORY}/")):
        raise InvalidService(f"nothing can be put at {path}, which is the kernel's", hint="choose another place")
    return target


def check_place(target: str, volumes: Iterable[str]) -> None:
    """That it doesn't stand within another volume: what programs keep there may be links, and lead it elsewhere."""
    for volume in volumes:
        if PurePosixPath(target).is_relative_to(volume):
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
