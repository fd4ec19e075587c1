"""What is understood of a source without a Score file, shown to a person, and which of its needs are to be added."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from roadbed.cli.output import confirmed, say, style
from roadbed.cli.text import clean

if TYPE_CHECKING:
    from roadbed.client.models import ProposedNeed, Understood

_SHOWN = 12


def show_understood(found: Understood, *, every: bool = False) -> None:
    """In a few lines, on stderr; all of them with `every`."""
    paint = style().paint
    sources, lines = found["sources"], found["lines"]
    verb = "says" if len(sources) == 1 else "say"
    say(f"No Score file here. What {clean(', '.join(sources[:4]))} {verb}:")
    shown = lines if every else lines[:_SHOWN]
    for line in shown:
        say(f"  {paint(clean(line), 'dim') if line.startswith('note:') else clean(line)}")
    if len(lines) > len(shown):
        say(f"  and {len(lines) - len(shown)} more: `-v`, or `roadbed plan`, shows them all")


def accepted_needs(
    needs: Collection[ProposedNeed],
    *,
    yes: bool,
    asks: bool,
    hint: str = "`--yes` adds it",
    known: Collection[str] = (),
) -> list[str]:
    """The names of those that are added: all with `yes`, those that a file states or that are there already, and those
    that the person wants.

    `hint` says how to add what was left out.
    """
    wanted: list[str] = []
    for need in needs:
        if yes or need["stated"] or need["name"] in known or (asks and confirmed(_question(need))):
            wanted.append(need["name"])
        else:
            say(f"{clean(need['type'])} is left out: {hint}")
    return wanted


def _question(need: ProposedNeed) -> str:
    return f"{clean(need['line'])}. Add it?"
