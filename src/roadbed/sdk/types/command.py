"""Commands as resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource as Declared


class Command(Declared):
    """A command that runs when it is made, and others for its change and its removal.

    - `create`: the program and its arguments, nothing secret; no shell reads them.
    - `update`: run at a change, with the outputs as JSON on stdin; `create` otherwise.
    - `delete`: run when it is removed, with the outputs as JSON on stdin.
    - `environment`: environment variables; they may be secret.
    - `files`: files for the command to see, by absolute path: scripts, nothing secret.
    - `stdin`: what `create` is given on stdin.
    - `network`: whether it may use the network; true.
    - `timeout_s`: the longest each may take; 300.
    - `outputs`: what it prints: text, or one JSON object; text.
    - `sensitive`: whether what it prints is secret; false.
    - `triggers`: anything; a change of it makes a new one. A change replaces it.
    """

    TYPE = "command:Command"

    if TYPE_CHECKING:
        stdout: Reference
        """What it printed; null if it is sensitive."""
        result: Reference
        """The JSON object that it printed, if `outputs` is json and it is not sensitive; null otherwise."""
        sensitive_stdout: Reference
        """What it printed, if it is sensitive. Secret."""
        environment: Reference
        """Its variables as JSON, kept for the day when it is removed. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        create: Sequence[str | Deferred],
        update: Sequence[str | Deferred] | None = None,
        delete: Sequence[str | Deferred] | None = None,
        environment: Mapping[str, str | Deferred] | None = None,
        files: Mapping[str, str | Deferred] | None = None,
        stdin: str | Deferred | None = None,
        network: bool | Deferred | None = None,
        timeout_s: float | Deferred | None = None,
        outputs: str | Deferred | None = None,
        sensitive: bool | Deferred | None = None,
        triggers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "create": create,
            "update": update,
            "delete": delete,
            "environment": environment,
            "files": files,
            "stdin": stdin,
            "network": network,
            "timeout_s": timeout_s,
            "outputs": outputs,
            "sensitive": sensitive,
            "triggers": triggers,
        }
        super().__init__(self.TYPE, name, given, **options)


class Resource(Declared):
    """Anything that commands can make, find again, change and remove.

    - `create`: the program and its arguments, nothing secret; no shell reads them.
    - `update`: run at a change, with the outputs as JSON on stdin; `create` otherwise.
    - `delete`: run when it is removed, with the outputs as JSON on stdin.
    - `environment`: environment variables; they may be secret.
    - `files`: files for the command to see, by absolute path: scripts, nothing secret.
    - `stdin`: what `create` is given on stdin.
    - `network`: whether it may use the network; true.
    - `timeout_s`: the longest each may take; 300.
    - `outputs`: what it prints: text, or one JSON object; text.
    - `sensitive`: whether what it prints is secret; false.
    - `triggers`: anything; a change of it makes a new one. A change replaces it.
    - `read`: prints what there is, and nothing if nothing is; that makes the outputs.
    """

    TYPE = "command:Resource"

    if TYPE_CHECKING:
        stdout: Reference
        """What it printed; null if it is sensitive."""
        result: Reference
        """The JSON object that it printed, if `outputs` is json and it is not sensitive; null otherwise."""
        sensitive_stdout: Reference
        """What it printed, if it is sensitive. Secret."""
        environment: Reference
        """Its variables as JSON, kept for the day when it is removed. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        create: Sequence[str | Deferred],
        read: Sequence[str | Deferred],
        update: Sequence[str | Deferred] | None = None,
        delete: Sequence[str | Deferred] | None = None,
        environment: Mapping[str, str | Deferred] | None = None,
        files: Mapping[str, str | Deferred] | None = None,
        stdin: str | Deferred | None = None,
        network: bool | Deferred | None = None,
        timeout_s: float | Deferred | None = None,
        outputs: str | Deferred | None = None,
        sensitive: bool | Deferred | None = None,
        triggers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "create": create,
            "update": update,
            "delete": delete,
            "environment": environment,
            "files": files,
            "stdin": stdin,
            "network": network,
            "timeout_s": timeout_s,
            "outputs": outputs,
            "sensitive": sensitive,
            "triggers": triggers,
            "read": read,
        }
        super().__init__(self.TYPE, name, given, **options)
