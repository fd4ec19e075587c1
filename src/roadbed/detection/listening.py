"""Where a command listens: on `$PORT`, which the platform chooses, and not on a number of its own."""

from __future__ import annotations

import re
import shlex

from roadbed.detection.tree import below

HOST, PORT = "${HOST:-0.0.0.0}", "$PORT"
ADDRESS = f"{HOST}:{PORT}"

_NUMBER = re.compile(
    r"(?P<before>(?:^|\s)(?:--(?:server\.)?port[= ]|-p ?|(?:--bind|-b|--listen|--http|--http-socket)[= ][^\s']*?:"
    r"|runserver (?:[^\s']*:)?))(?P<port>\d{2,5})\b"
)
_APPENDED = (
    (re.compile(r"\buvicorn\s"), f"--host {HOST} --port {PORT}"),
    (re.compile(r"\bhypercorn\s"), f"--bind {ADDRESS}"),
    (re.compile(r"\bdaphne\s"), f"-b {HOST} -p {PORT}"),
    (re.compile(r"\bwaitress-serve\s"), f"--listen={ADDRESS}"),
    (re.compile(r"\bflask\s.*\brun\b"), f"--host {HOST} --port {PORT}"),
    (re.compile(r"\bfastapi\s+run\b"), f"--host {HOST} --port {PORT}"),
    (re.compile(r"\bstreamlit\s+run\b"), f"--server.address {HOST} --server.port {PORT}"),
    (re.compile(r"\bmanage\.py\s+runserver\s*$"), ADDRESS),
)
"""Servers that listen on a number of their own unless they are told another; gunicorn and next read PORT."""
_BUILT_IN = frozenset((
    "cd", "set", "export", ".", "source", "ulimit", "eval", "if", "while", "for", "exit", ":",
    "trap", "umask", "wait", "case", "{", "!", "until", "function", "alias",
))  # fmt: skip
"""Words of a shell, which `exec` can't start."""
_CHAINS = re.compile(r"[;|&<>`\n()]|\$\(")


def listens_on_port(command: str, port: int | None = None) -> str:
    """The command of a server, told to listen on `$PORT`; as it was where it says so, or nothing is known of it.

    `port` is the number that it is known to listen on.
    """
    if re.search(r"\$\{?PORT\b", command):
        return command
    if (found := _number(command, port)) is not None:
        start, end = found
        return f"{command[:start]}{PORT}{command[end:]}"
    if _CHAINS.search(command) or "'" in command:
        return command
    return next((f"{command.rstrip()} {words}" for server, words in _APPENDED if server.search(command)), command)


def _number(command: str, port: int | None) -> tuple[int, int] | None:
    """Where the number stands, but in single quotes, in which a shell would leave `$PORT` as it is."""
    known = re.search(rf"(?<=[:= ]){port}\b", command) if port else None
    match = _NUMBER.search(command)
    span = match.span("port") if match else known.span() if known else None
    return None if span is None or command[: span[0]].count("'") % 2 else span


def as_one_process(line: str, folder: str = ".") -> str:
    """A line for `sh -c`: with `exec`, so that signals reach the program itself, wherever that is the same."""
    text = line.strip()
    *before, last = re.split(r"\s&&\s", text)
    if not re.match(r"exec\b", last) and not _CHAINS.search(last):
        assigned = re.match(r"\w+=", last)
        text = " && ".join((*before, f"exec {'env ' if assigned else ''}{last}" if _is_program(last) else last))
    return f"cd {shlex.quote(inside)} && {text}" if (inside := below(folder)) else text


def _is_program(command: str) -> bool:
    return bool(command.strip()) and command.split(maxsplit=1)[0] not in _BUILT_IN


def as_words(line: str, folder: str = ".") -> list[str]:
    """A line as an argument list: its own words where no shell is needed to understand it."""
    if below(folder) == "" and re.fullmatch(r"[A-Za-z][\w./:@%+=, -]*", line) and "=" not in line.split(maxsplit=1)[0]:
        return line.split() if _is_program(line) else ["sh", "-c", line]
    return ["sh", "-c", as_one_process(line, folder)]
