"""Runs a guide as its reader would: files are written, commands typed, and what they print is compared.

A block "yaml web/score.yaml" is a file of the folder that the reader stands in. In a `console` block each line is a
command. `text` after it is what comes out, where `…` stands for whatever the machine and the day make of it, and a line
of `…` alone for any lines; where it begins with `✗`, the last command is to fail.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import roadbed
from live_platform import ROADBED, LivePlatform

GUIDES = Path(roadbed.__file__).parents[2] / "docs" / "guides"
_BLOCK = re.compile(r"^```(?P<language>\w*)(?: (?P<file>\S+))?\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)
_DURATION = re.compile(r"\b\d+(\.\d+)? ?(ms|s|min)\b")
_PORT = "8000"
"""Of the gateway, where nobody chose another: what guides show."""


@dataclass(frozen=True, slots=True)
class Block:
    kind: Literal["file", "console", "text", "other"]
    body: str
    line: int
    file: str = ""


def blocks(guide: str) -> list[Block]:
    """Of a guide, by its file's name without `.md`."""
    page = (GUIDES / f"{guide}.md").read_text(encoding="utf-8")
    return [_block(match, page.count("\n", 0, match.start()) + 1) for match in _BLOCK.finditer(page)]


def _block(match: re.Match[str], line: int) -> Block:
    if match["file"]:
        return Block("file", match["body"], line, match["file"])
    language = match["language"]
    return Block(language if language in ("console", "text") else "other", match["body"], line)  # type: ignore[arg-type]


@dataclass
class Reader:
    """Follows a guide on a platform. `folder` is where they stand; `said` is what their last commands printed."""

    platform: LivePlatform
    folder: Path
    said: str = ""

    def follow(self, guide: str) -> None:
        found = blocks(guide)
        for block, after in zip(found, [*found[1:], None], strict=True):
            where = f"{guide}.md:{block.line}"
            match block.kind:
                case "file":
                    self._write(block)
                case "console":
                    fails = after is not None and after.kind == "text" and after.body.startswith("✗")
                    self._type_all(list(_commands(block.body)), where, fails=fails)
                case "text":
                    self._compare(block.body, where)

    def _write(self, block: Block) -> None:
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.body)

    def _type_all(self, commands: list[str], where: str, *, fails: bool) -> None:
        *earlier, last = commands
        self.said = "".join(self._type(command, where, fails=False) for command in earlier)
        self.said += self._type(last, where, fails=fails)

    def _type(self, command: str, where: str, *, fails: bool) -> str:
        if command.startswith("cd "):
            self.folder = (self.folder / command.removeprefix("cd ")).resolve()
            return ""
        done = subprocess.run(
            ["bash", "-c", command.replace(f":{_PORT}", f":{self._port}")],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode != 0) is fails, f"{where}: {command} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout.replace(f":{self._port}", f":{_PORT}")

    @property
    def _port(self) -> str:
        return self.platform.settings["ROADBED_GATEWAY__PORT"]

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("ROADBED_")}
        path = f"{ROADBED.parent}:{own['PATH']}"
        return {**own, "PATH": path, "ROADBED_HOME": str(self.platform.home), **self.platform.settings}

    def _compare(self, expected: str, where: str) -> None:
        printed = [_plain(line) for line in self.said.splitlines()]
        at = 0
        for line in expected.splitlines():
            if not line.strip() or line.strip() == "…":
                continue
            pattern = re.compile(".*".join(re.escape(part) for part in _plain(line).split("…")))
            found = next((index for index in range(at, len(printed)) if pattern.fullmatch(printed[index])), None)
            assert found is not None, f"{where}: this line was not printed: {line!r}, but:\n{self.said}"
            at = found + 1


def _commands(body: str) -> Iterator[str]:
    """Each line without its prompt and remark."""
    for line in body.splitlines():
        command = re.split(r" {2,}# ", line.strip().removeprefix("$ "), maxsplit=1)[0].strip()
        if command:
            yield command


def _plain(line: str) -> str:
    """Blanks once; how long something took is nobody's promise."""
    return re.sub(r" +", " ", _DURATION.sub("…", line)).strip()
