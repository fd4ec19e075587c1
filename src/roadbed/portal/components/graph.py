"""A stack's resources as a picture: the data that `assets/src/graph.ts` draws. The table beside it says the same."""

from __future__ import annotations

import json
from collections.abc import Sequence

from roadbed.delivery.views import Resource
from roadbed.portal.components.tones import tone


def graph_json(resources: Sequence[Resource]) -> str:
    """JSON that is safe inside a script element: no `<` in it."""
    known = {resource.urn for resource in resources}
    nodes = [
        {"id": resource.urn, "label": resource.name, "type": resource.type, "state": tone(resource.state).name}
        for resource in resources
    ]
    edges = [
        {"from": used, "to": resource.urn}
        for resource in resources
        for used in sorted(resource.depends_on)
        if used in known
    ]
    return json.dumps({"nodes": nodes, "edges": edges}, ensure_ascii=False).replace("<", "\\u003c")
