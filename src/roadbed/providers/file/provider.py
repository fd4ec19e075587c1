"""`file:File` and `file:Directory`."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from roadbed.kit.errors import InvalidInput, OperationFailed
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.providers.file import disk
from roadbed.providers.file.disk import Found, Owner, Place
from roadbed.providers.kept import refuse_secrets

FILE, DIRECTORY = "file:File", "file:Directory"

MAX_CONTENT = 4 * 1024 * 1024
"""Bytes. What is larger belongs into an artifact: it would stand in every plan."""

_LONGEST_NAME = 255  # bytes, of every file system in use

_SHOWN = "a path is a plain output"
_PATH = Property(
    {"type": "string", "minLength": 1, "maxLength": 1024},
    required=True,
    replace=True,
    description="Where it is: below the platform's folder of files, or absolute below a root that the operator allows.",
    plain_only=_SHOWN,
)
_MODE: Mapping[str, Any] = {
    "type": "string",
    "pattern": "^0?[0-7]{3}$",
    "title": "a file's mode",
    "description": 'three octal digits in quotes: "0644"',
}


class FileProvider:
    """A resource's id is its absolute path. `roots` may be written to; relative paths are below the first."""

    name: ClassVar[str] = "file"
    parallel: ClassVar[int] = 20
    types: ClassVar[Mapping[str, ResourceType]] = {
        FILE: ResourceType(
            FILE,
            "A file on the platform's machine, written at once or not at all.",
            {
                "path": _PATH,
                "content": Property({"type": "string", "maxLength": MAX_CONTENT}, description="Its text, in UTF-8."),
                "content_base64": Property(
                    {"type": "string", "maxLength": MAX_CONTENT * 4 // 3 + 4},
                    description="Its bytes in base64, instead of `content`.",
                ),
                "mode": Property({**_MODE, "default": "0644"}, description="Its permissions in octal; 0644."),
            },
            outputs={
                "path": "Where it is, absolute.",
                "sha256": "The SHA-256 of its content in hexadecimal; null if the content is secret.",
                "size": "Its size in bytes; null if the content is secret.",
            },
            follows={"sha256": ("content", "content_base64"), "size": ("content", "content_base64")},
        ),
        DIRECTORY: ResourceType(
            DIRECTORY,
            "A folder on the platform's machine. One that was there before is used, and left when this is removed.",
            {
                "path": _PATH,
                "mode": Property({**_MODE, "default": "0755"}, description="Its permissions in octal; 0755."),
                "delete_contents": Property(
                    {"type": "boolean", "default": False},
                    description="Whether what is in it goes with it; false: it must be empty.",
                ),
            },
            outputs={"path": "Where it is, absolute."},
        ),
    }

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(root.absolute() for root in roots)

    async def create(self, desired: Desired, report: Report) -> Actual:
        return await self._put(desired, self._place(desired.properties["path"]), known=False)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        """Raises Conflict if it is to be imported, and is a resource's of another stack."""
        place = self._place(id)
        actual = await self._look(desired, place)
        if actual is not None and _is_import(desired):
            await _on_disk(disk.refuse_import, place, Owner(desired.urn, desired.token))
        return actual

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        """Takes over what was imported, with the claim that one of the same stack may have left on it."""
        return await self._put(desired, self._place(id), known=True)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        path = id or desired.properties.get("path")
        if not isinstance(path, str):
            raise InvalidInput(
                f"where {desired.urn} may have been made is not known: its path was another resource's to tell",
                hint="remove it by hand if it is there, then forget it: roadbed stack forget",
            )
        try:
            place = self._place(path)
        except InvalidInput:
            if id:
                raise
            return  # its creation was refused for the same reason: there is nothing
        owner = Owner(desired.urn, desired.token)
        if desired.type == DIRECTORY:
            contents = desired.properties.get("delete_contents") is True
            await _on_disk(lambda: disk.remove_folder(place, owner, contents=contents, known=bool(id)))
        else:
            await _on_disk(lambda: disk.remove(place, owner, known=bool(id)))

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """A change is in effect when it returns."""

    async def _put(self, desired: Desired, place: Place, *, known: bool) -> Actual:
        refuse_secrets(desired, "path", _SHOWN)
        owner, mode = Owner(desired.urn, desired.token), int(desired.properties.get("mode") or _default(desired), 8)
        if desired.type == DIRECTORY:
            await _on_disk(lambda: disk.make_folder(place, owner, mode, known=known))
        else:
            content = _content(desired)
            await _on_disk(lambda: disk.write(place, owner, content, mode, known=known))
        actual = await self._look(desired, place)
        if actual is None:
            raise OperationFailed(f"{place.path} was removed while it was written")
        return actual

    async def _look(self, desired: Desired, place: Place) -> Actual | None:
        """What is there, None if nothing of the type is."""
        path = self._spelling(desired, place)
        if desired.type == DIRECTORY:
            mode = await _on_disk(disk.folder_mode, place)
            return None if mode is None else _folder(desired, place, mode, path)
        found = await _on_disk(disk.read, place, MAX_CONTENT)
        return None if found is None else _file(desired, place, found, path)

    def _spelling(self, desired: Desired, place: Place) -> str:
        """Where it was found: as it was declared where that means the same."""
        declared = desired.properties.get("path")
        with contextlib.suppress(InvalidInput):
            if isinstance(declared, str) and self._place(declared) == place:
                return declared
        return place.path

    def _place(self, path: str) -> Place:
        """Raises InvalidInput for a path that is not below a root."""
        given = PurePosixPath(path)
        if ".." in given.parts or "\0" in path:
            raise InvalidInput(f"the path {path!r} may not hold '..' or NUL", hint="write it from the root down")
        if any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in given.parts):
            raise InvalidInput(f"the path {path[:50]!r}… holds a name over {_LONGEST_NAME} bytes", hint="shorten it")
        if path.encode(errors="replace").decode() != path:
            raise InvalidInput(f"the path {path!r} is no text", hint="spell it in Unicode")
        for root in self._roots:
            whole = PurePosixPath(root) / given
            if whole.is_relative_to(root) and (parts := whole.relative_to(root).parts):
                if parts[0] == disk.LEDGER:
                    raise InvalidInput(f"{disk.LEDGER}/ is the platform's own", hint="choose another path")
                return Place(root, parts)
        allowed = ", ".join(map(str, self._roots))
        raise InvalidInput(f"{path!r} is not below a folder that may be written to", hint=f"allowed are: {allowed}")


async def _on_disk(work: Any, *arguments: Any) -> Any:
    """In a thread, with the operating system's refusals as sentences.

    A thread can't be cancelled: it is waited for, so that nothing is still being written when somebody tries again.
    """
    thread = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        hint = "mend it on the platform's machine, or choose another path"
        raise OperationFailed(f"the disk refused: {where}{error.strerror}", hint=hint) from None


def _is_import(desired: Desired) -> bool:
    """What is imported has neither a creation nor a past. What is only looked at has no path declared."""
    return not desired.token and desired.previous is None and "path" in desired.properties


def _default(desired: Desired) -> str:
    return "0755" if desired.type == DIRECTORY else "0644"


def _content(desired: Desired) -> bytes:
    text, encoded = desired.properties.get("content"), desired.properties.get("content_base64")
    if (text is None) == (encoded is None):
        raise InvalidInput(f"{desired.urn} needs either 'content' or 'content_base64'")
    try:
        content = text.encode() if text is not None else base64.b64decode(str(encoded), validate=True)
    except binascii.Error:
        raise InvalidInput(f"'content_base64' of {desired.urn} is no base64") from None
    if len(content) > MAX_CONTENT:
        raise InvalidInput(f"the content of {desired.urn} is larger than {MAX_CONTENT // 1024**2} MB")
    return bytes(content)


def _file(desired: Desired, place: Place, found: Found, path: str) -> Actual:
    secret = _is_secret(desired)
    outputs = {"path": place.path, "sha256": None if secret else found.sha256, "size": None if secret else found.size}
    return Actual(place.path, outputs, properties={"path": path, **_mode(desired, found.mode), **_seen(desired, found)})


def _is_secret(desired: Desired) -> bool:
    """When it is read it is known by its fingerprint."""
    names = ("content", "content_base64")
    given = [desired.properties.get(name) for name in names]
    fingerprinted = any(isinstance(value, Mapping) and "$secret" in value for value in given)
    return fingerprinted or _is_unknown(desired) or bool(desired.secret_paths.intersection(names))


def _is_unknown(desired: Desired) -> bool:
    """After an update that failed, nobody knows whether it is secret."""
    given = [desired.properties.get(name) for name in ("content", "content_base64")]
    return any(isinstance(value, Mapping) and "$unknown" in value for value in given)


def _folder(desired: Desired, place: Place, mode: int, path: str) -> Actual:
    return Actual(place.path, {"path": place.path}, properties={"path": path, **_mode(desired, mode)})


def _mode(desired: Desired, mode: int) -> dict[str, Any]:
    """As it was declared where that means the same, so that 644 and 0644 are no drift; left out with the default."""
    declared = desired.properties.get("mode")
    if declared is None and mode == int(_default(desired), 8):
        return {}
    same = isinstance(declared, str) and int(declared, 8) == mode
    return {"mode": declared if same else f"{mode:04o}"}


def _seen(desired: Desired, found: Found) -> dict[str, Any]:
    """The content in the spelling that was declared; text where it can be, of what is imported."""
    if found.content is None or _is_unknown(desired):
        return {}
    declared = desired.properties.get("content_base64")
    if desired.properties.get("content") is not None:  # under no other name: it may be secret
        return {"content": found.content.decode(errors="backslashreplace")}
    if declared is None:
        with contextlib.suppress(UnicodeDecodeError):
            return {"content": found.content.decode()}
    return {"content_base64": declared if _decodes_to(declared, found.content) else _encoded(found.content)}


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decodes_to(declared: Any, content: bytes) -> bool:
    return isinstance(declared, str) and declared.strip() == _encoded(content)
