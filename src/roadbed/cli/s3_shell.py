"""A shell for a bucket: `ls`, `cat`, `get`, `put`, `rm`."""

from __future__ import annotations

import cmd
import contextlib
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from roadbed.cli.output import say
from roadbed.cli.style import is_terminal
from roadbed.cli.text import clean, size
from roadbed.kit.errors import InvalidInput, OperationFailed, RoadbedError

_TIMEOUT_S = 20
_CHUNK = 1 << 20


def open_shell(outputs: Mapping[str, Any], words: Sequence[str]) -> None:
    """Reads commands until there are no more; with `words`, does that one. Raises OperationFailed where it fails."""
    shell = BucketShell(str(outputs["bucket"]), _client(outputs))
    if words:
        shell.do(words)
    elif is_terminal(sys.stdin):
        shell.cmdloop(f"Bucket {outputs['bucket']}: ls, cat, get, put, rm, help; Ctrl-D ends.")
    else:
        for line in sys.stdin:
            shell.do(_split(line))


def _client(outputs: Mapping[str, Any]) -> Any:
    from botocore.config import Config
    from botocore.session import Session

    return Session().create_client(
        "s3",
        region_name=outputs["region"],
        endpoint_url=outputs["endpoint"],
        aws_access_key_id=outputs["access_key_id"],
        aws_secret_access_key=outputs["secret_key"],
        config=Config(
            s3={"addressing_style": "path"},
            connect_timeout=_TIMEOUT_S,
            read_timeout=_TIMEOUT_S,
            retries={"total_max_attempts": 2},
        ),
    )


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        raise InvalidInput(f"this can't be read: {error}", hint="close the quotes") from None


class BucketShell(cmd.Cmd):
    """`store` is botocore's client. Each command is a method `s3_…` that takes its words."""

    def __init__(self, bucket: str, store: Any) -> None:
        super().__init__()
        self.bucket, self.store = bucket, store
        self.prompt = f"{bucket}> "

    def do(self, words: Sequence[str]) -> None:
        """Raises InvalidInput for an unknown command, OperationFailed for what the store refuses."""
        if not words:
            return
        name, *rest = words
        command = getattr(self, f"s3_{name}", None)
        if command is None:
            raise InvalidInput(f"there is no command {name!r}", hint=f"there are: {', '.join(COMMANDS)}")
        low, high, usage = COMMANDS[name]
        if not low <= len(rest) <= high:
            raise InvalidInput(f"{name} takes {usage or 'nothing'}", hint=f"as in `{name} {usage}`".rstrip(" `") + "`")
        with _told():
            command(*rest)

    def onecmd(self, line: str) -> bool:
        """One line of a person's: what goes wrong is said, and the next is read."""
        if line == "EOF":
            say("")
            return True
        try:
            words = _split(line)
            if words[:1] in (["exit"], ["quit"]):
                return True
            self.do(words)
        except RoadbedError as error:
            say(f"{error.message} ({error.hint})" if error.hint else error.message)
        return False

    def s3_help(self) -> None:
        sys.stdout.writelines(f"{name} {usage}".rstrip() + "\n" for name, (_, _, usage) in COMMANDS.items())

    def s3_ls(self, prefix: str = "") -> None:
        for page in self.store.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                sys.stdout.write(
                    f"{size(item['Size']):>8}  {item['LastModified']:%Y-%m-%d %H:%M}  {clean(item['Key'])}\n"
                )

    def s3_cat(self, key: str) -> None:
        for chunk in self._content(key):
            sys.stdout.buffer.write(chunk)
        sys.stdout.flush()

    def s3_get(self, key: str, file: str = "") -> None:
        target = Path(file or PurePosixPath(key).name)
        chunks = self._content(key)
        with target.open("xb") as into:
            into.writelines(chunks)
        say(f"{target} ({size(target.stat().st_size)})")

    def s3_put(self, file: str, key: str = "") -> None:
        source = Path(file)
        with source.open("rb") as content:
            self.store.put_object(Bucket=self.bucket, Key=key or source.name, Body=content)
        say(f"{key or source.name} ({size(source.stat().st_size)})")

    def s3_rm(self, key: str) -> None:
        self.store.head_object(Bucket=self.bucket, Key=key)
        self.store.delete_object(Bucket=self.bucket, Key=key)

    def _content(self, key: str) -> Iterator[bytes]:
        body = self.store.get_object(Bucket=self.bucket, Key=key)["Body"]
        return iter(lambda: body.read(_CHUNK), b"")


COMMANDS: Mapping[str, tuple[int, int, str]] = {
    "ls": (0, 1, "[PREFIX]"),
    "cat": (1, 1, "KEY"),
    "get": (1, 2, "KEY [FILE]"),
    "put": (1, 2, "FILE [KEY]"),
    "rm": (1, 1, "KEY"),
    "help": (0, 0, ""),
}
"""Command → how many words it takes at least and at most, and which."""


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What the store or the disk refuses, in a sentence."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        code = str(said.get("Code", ""))
        missing = code in ("404", "NoSuchKey")
        raise OperationFailed("there is no such key" if missing else f"the store refused it: {code}") from None
    except BotoCoreError as error:
        raise OperationFailed(f"the store doesn't answer: {error}") from None
    except FileExistsError as error:
        raise InvalidInput(f"{error.filename} is there already", hint="name another file: get KEY FILE") from None
    except OSError as error:
        raise InvalidInput(f"{error.filename}: {error.strerror}") from None
