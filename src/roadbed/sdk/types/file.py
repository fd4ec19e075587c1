"""Files and folders on the platform's machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class File(Resource):
    """A file on the platform's machine, written at once or not at all.

    - `path`: where it is: below the platform's folder of files, or absolute below a root that the operator allows.
      A change replaces it.
    - `content`: its text, in UTF-8.
    - `content_base64`: its bytes in base64, instead of `content`.
    - `mode`: its permissions in octal; 0644.
    """

    TYPE = "file:File"

    if TYPE_CHECKING:
        path: Reference
        """Where it is, absolute."""
        sha256: Reference
        """The SHA-256 of its content in hexadecimal; null if the content is secret."""
        size: Reference
        """Its size in bytes; null if the content is secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        path: str | Deferred,
        content: str | Deferred | None = None,
        content_base64: str | Deferred | None = None,
        mode: str | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "path": path,
            "content": content,
            "content_base64": content_base64,
            "mode": mode,
        }
        super().__init__(self.TYPE, name, given, **options)


class Directory(Resource):
    """A folder on the platform's machine. One that was there before is used, and left when this is removed.

    - `path`: where it is: below the platform's folder of files, or absolute below a root that the operator allows.
      A change replaces it.
    - `mode`: its permissions in octal; 0755.
    - `delete_contents`: whether what is in it goes with it; false: it must be empty.
    """

    TYPE = "file:Directory"

    if TYPE_CHECKING:
        path: Reference
        """Where it is, absolute."""

    def __init__(
        self,
        name: str,
        /,
        *,
        path: str | Deferred,
        mode: str | Deferred | None = None,
        delete_contents: bool | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "path": path,
            "mode": mode,
            "delete_contents": delete_contents,
        }
        super().__init__(self.TYPE, name, given, **options)
