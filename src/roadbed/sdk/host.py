"""Runs people's programs: `python -m roadbed.sdk.host` reads a request on stdin and answers on stdout.

Three requests, each one JSON object with `"version": 1` and the folder of the `programs`. `shown` is how people call
that folder, if not by its own name; `seconds` how long the program may take:

- `{"kind": "provision", "stack", "application", "environment", "environment_kind", "owner", "variables", "services",
  "requests": [{"uid", "type", "class", "id", "name", "workload", "params", "places", "workloads",
  "ports", "source"}]}`.
  Requests stand in the order in which they refer to each other; a param refers to an output of an earlier one by
  `{"$output": [uid, key]}`, or inside `{"$join": [...]}`. `services` are the ports of each
  workload; `source` is where a request stands: `{"file", "line", "column"}`, `places` where each of its params does.
  Answer: `{"graph": document, "outputs": {uid: {key: property}}, "provisioners": {uid: "file:line"},
  "notes": [{"message", "file", "line", "column"}]}`. The notes are on params that a provisioner doesn't know.
  A resource's `source` is that of its request, if given, with the provisioner's own line as `declared_by`.
- `{"kind": "judge", "stack", "environment", "environment_kind", "owner", "resources": [...]}`. Answer:
  `{"verdicts": [{"policy", "level", "resource", "message", "remedy"}]}`.
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
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from roadbed.sdk.hosted.declare import declare
from roadbed.sdk.hosted.guard import Channel, limited
from roadbed.sdk.hosted.judge import judge
from roadbed.sdk.hosted.places import Places
from roadbed.sdk.hosted.provision import provision

KINDS: dict[str, Callable[[Mapping[str, Any], Places], dict[str, Any]]] = {
    "provision": provision,
    "judge": judge,
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
    )
    reserve = bytearray(_RESERVE)
    try:
        with limited(request.get("seconds")):
            return KINDS[request["kind"]](request, places)
    except BaseException as error:
        del reserve
        return {"error": places.error(error)}


if __name__ == "__main__":
    main()
