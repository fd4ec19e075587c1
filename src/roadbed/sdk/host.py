"""Runs people's programs: `python -m roadbed.sdk.host` reads a request on stdin and answers on stdout.

Requests, each one JSON object with `"version": 1` and the folder of the `programs`. `shown` is how people call
that folder, if not by its own name; `seconds` how long the program may take:

- `{"kind": "provision", "stack", "application", "environment", "environment_kind", "owner", "variables", "services",
  "requests": [{"uid", "type", "class", "id", "name", "workload", "params", "places", "workloads",
  "ports", "source"}]}`.
  Requests stand in the order in which they refer to each other; a param refers to an output of an earlier one by
  `{"$output": [uid, key]}`, or inside `{"$join": [...]}`. `services` are the ports of each
  workload; `source` is where a request stands: `{"file", "line", "column"}`, `places` where each of its params does.
  Answer: `{"graph": document, "outputs": {uid: {key: property}}, "provisioners": {uid: "file:line"},
  "made": {uid: [urn]}, "notes": [{"message", "file", "line", "column"}]}`. The notes are on params that a provisioner
  doesn't know.
  A resource's `source` is that of its request, if given, with the provisioner's own line as `declared_by`.
  `blocks` are building blocks, `[{"name", "folder", "shown"}]`, whose programs offer, too.
- `{"kind": "provisions", "asked": [...]}`: many of these at once. Answer: `{"answers": [...]}`, one each; an `error`
  in one is its own.
- `{"kind": "offers"}`. Answer: `{"offers": [{"type", "environments", "class", "id", "params", "outputs", "description",
  "notes", "file", "line", "block", "examples", "title", "owner", "docs", "version", "maturity", "successor"}]}`: every
  provisioner as it says of itself. It may have `blocks`, too.
- `{"kind": "judge", "stack", "environment", "environment_kind", "owner", "application", "packs", "settings",
  "resources", "left_alone", "steps", "cost"}`. `packs` are `[{"name", "folder" | "module"}]`, with `path` (what
  `sys.path` needs) and `shown` for a module; `settings` the policies that are on: `{name: {"level", "config"}}`.
  `resources` are rows in the order of `PlannedResource`'s fields, all of the wanted stack; `left_alone` the URNs of
  those that the plan doesn't touch; `steps` rows of action, place of the resource (or, where it goes, its own row),
  the properties that it had, and whether data is lost. Answer: `{"changes": [{"policy", "pack", "resource",
  "message", "reason", "properties"}], "properties": {urn: properties}, "verdicts": [{"policy", "pack", "level",
  "resource", "message", "remedy", "reason"}]}`: either what was put right, and nothing was judged, or verdicts. One
  has `"broken": {"file", "line"}` where the policy failed.
- `{"kind": "policies", "packs"}`. Answer: `{"policies": [...], "problems": [{"pack", "message", "hint", "file",
  "line"}]}`: every policy with all that is told of it, and what could not be loaded.
- `{"kind": "examples", "packs"}`. Answer: `{"cases": [{"policy", "pack", "expected", "number", "wrong", "said",
  "file", "line"}], "problems"}`: how the cases of every policy go.
- `{"kind": "declare", "stack", "environment", "environment_kind", "owner"}`: runs `roadbed.py` of the folder, whose
  other files it may import, and those of `"library": {"folder", "shown"}`, if given, by that folder's name. Answer:
  `{"graph": document}`.

Whatever goes wrong in a program is answered as `{"error": {"message", "hint", "file", "line"}}`, with the innermost
line of the user's own code; what a provisioner refuses, or nobody offers, with the place of the request, and as
`"problems"` of the same shape where there are several. What a program writes to stdout goes to stderr, so that it can't
spoil the answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from roadbed.sdk.hosted.declare import declare
from roadbed.sdk.hosted.describe import describe, try_examples
from roadbed.sdk.hosted.guard import Channel, limited
from roadbed.sdk.hosted.judge import judge
from roadbed.sdk.hosted.offers import offers
from roadbed.sdk.hosted.places import Places
from roadbed.sdk.hosted.provision import provision, provision_all

KINDS: dict[str, Callable[[Mapping[str, Any], Places], dict[str, Any]]] = {
    "provision": provision,
    "provisions": provision_all,
    "offers": offers,
    "judge": judge,
    "policies": describe,
    "examples": try_examples,
    "declare": declare,
}

_RESERVE = 16 * 1024 * 1024
"""Bytes that are given back when a program has used up its memory, so that there is room to say where."""


def main() -> None:
    request = json.loads(sys.stdin.read())
    channel = Channel()
    channel.answer(_answer(request))


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    folder = Path(request["programs"])
    library = request.get("library")
    places = Places(
        folder,
        request.get("shown", folder.name),
        library=Path(library["folder"]) if library else None,
        library_shown=library["shown"] if library else "",
        others=[*_installed(request.get("packs", ())), *_blocks(request.get("blocks", ()))],
    )
    reserve = bytearray(_RESERVE)
    try:
        with limited(request.get("seconds")):
            return KINDS[request["kind"]](request, places)
    except BaseException as error:
        del reserve
        return {"error": places.error(error)}


def _blocks(blocks: Sequence[Mapping[str, Any]]) -> list[tuple[Path, str]]:
    return [(Path(block["folder"]), block["shown"]) for block in blocks]


def _installed(packs: Sequence[Mapping[str, Any]]) -> list[tuple[Path, str]]:
    """The folders of installed packs, which are made importable."""
    found = [pack for pack in packs if "module" in pack]
    sys.path += [pack["path"] for pack in found if pack["path"] not in sys.path]
    return [(Path(pack["folder"]), pack["shown"]) for pack in found]


if __name__ == "__main__":
    main()
