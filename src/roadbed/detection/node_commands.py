"""What a Node tree runs, or is built into, as commands."""

from __future__ import annotations

from roadbed.detection.domain import WEB, Process, Reading, Variable
from roadbed.detection.evidence import evidence
from roadbed.detection.node_packages import FILE, NodePackages
from roadbed.detection.runners import not_there
from roadbed.detection.tree import Tree

SINGLE_PAGE = ("vite", "react-scripts", "parcel", "@angular/core", "@vue/cli-service")
"""What makes pages of one file, in which a program chooses what is shown by the path."""
_ADAPTER = "@sveltejs/adapter-node"
"""Takes every request for one by https unless it is told which header says it, and then refuses forms."""


def read_node_commands(tree: Tree, node: NodePackages) -> Reading | None:
    """None where nothing runs and nothing is published: its build may still matter to another language."""
    if node.start is None and node.publish is None:
        return None
    if node.start is not None:
        process = Process(
            WEB,
            node.place,
            node.start,
            public=True,
            port=node.port,
            build=node.build,
            evidence=evidence(tree, node.place),
        )
        variables = {"NODE_ENV": Variable("NODE_ENV", node.place, value="production")}
        if (adapter := node.names.get(_ADAPTER)) is not None:
            variables["PROTOCOL_HEADER"] = Variable("PROTOCOL_HEADER", adapter, value="x-forwarded-proto")
        notes = not_there(process, node.script or "", node.brought) if node.start == "npm start" else []
        return Reading(
            node.place.file, name=node.name, processes={WEB: process}, variables=variables, unmapped=tuple(notes)
        )
    places = [node.place, *(node.scripts[name] for name in ("build",) if name in node.scripts)]
    process = Process(
        WEB,
        node.place,
        public=True,
        build=node.build,
        publish=node.publish,
        single_page=any(name in node.names for name in SINGLE_PAGE) and "astro" not in node.names,
        evidence=evidence(tree, *places),
    )
    return Reading(FILE, name=node.name, processes={WEB: process})
