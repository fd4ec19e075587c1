"""The two ways out of a command: data to stdout in the form that was asked for, messages to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, TypeVar

from roadbed.cli.style import Style, style_of

T = TypeVar("T")


class Format(StrEnum):
    text = "text"
    json = "json"
    yaml = "yaml"


def show(data: T, output: Format, render: Callable[[T, Style], str]) -> None:
    """Prints `data`: rendered for people, or as it is for programs."""
    if output is Format.text:
        text = render(data, style_of(sys.stdout))
    elif output is Format.json:
        text = json.dumps(data, indent=2, ensure_ascii=False)
    else:
        text = _yaml(data)
    if text:
        sys.stdout.write(text.rstrip("\n") + "\n")


def show_each(items: Iterable[T], output: Format, render: Callable[[T, Style], str]) -> None:
    """As `show`, for what comes bit by bit: each item at once, as JSON on one line for programs."""
    style = style_of(sys.stdout)
    for item in items:
        line = render(item, style) if output is Format.text else json.dumps(item, ensure_ascii=False)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def say(message: str) -> None:
    """A message to the person, out of the way of the data."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def prompt(question: str) -> str:
    """What the person answers. Asked on stderr wholly: Typer's own prompt leaves a blank on stdout."""
    sys.stderr.write(f"{question} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def confirmed(question: str) -> bool:
    """Whether the answer is yes; no is what an empty one means."""
    return prompt(f"{question} [y/N]:").lower() in ("y", "yes")


def style() -> Style:
    """How messages are coloured."""
    return style_of(sys.stderr)


def _yaml(data: Any) -> str:
    import yaml

    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True))
