"""What the placeholders of a text stand for, as an explanation says it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from roadbed.delivery.expansion import resource_of
from roadbed.workload.document import Place
from roadbed.workload.domain import Workload
from roadbed.workload.placeholders import Reference, as_text, metadata_value, parse


def references_of(text: str, holder: Workload) -> Iterator[dict[str, str | None]]:
    """Each placeholder, with the resource's UID and output, or the text of the metadata."""
    for reference in parse(text, Place("", 1, 1)).references:
        yield {"placeholder": f"${{{reference.text}}}", **_referred(reference, holder)}


def _referred(reference: Reference, holder: Workload) -> dict[str, str | None]:
    if reference.root == "metadata":
        return {"uid": None, "output": None, "value": as_text(metadata_value(holder.metadata, reference))}
    uid = resource_of(holder, reference).uid(holder.name)
    return {"uid": uid, "output": ".".join(reference.path[1:]) or None, "value": None}


def shown(place: Place | None) -> str | None:
    return f"{place.file}:{place.line}" if place else None
