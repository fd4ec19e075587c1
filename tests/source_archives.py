"""Uploads of source trees, for tests."""

from __future__ import annotations

import io
import tarfile
from collections.abc import AsyncIterator, Mapping


def member(
    name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0, mode: int = 0o644
) -> tarfile.TarInfo:
    """An entry of an archive, as hostile as asked."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode = kind, link, size, mode
    return info


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """A tar.gz of these files."""
    contents = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
    return packed_members([(member(name, size=len(content)), content) for name, content in contents.items()])


def packed_members(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


async def stream(content: bytes, chunk: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), chunk):
        yield content[start : start + chunk]
