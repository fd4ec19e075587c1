"""Folders of pages that are served as they are."""

from __future__ import annotations

from roadbed.detection.domain import WEB, Process, Reading
from roadbed.detection.evidence import evidence
from roadbed.detection.tree import Tree
from roadbed.workload.document import Place

_FOLDERS = ("public", ".", "site", "dist", "www", "html", "_site")


def read_static_site(tree: Tree) -> Reading | None:
    for folder in _FOLDERS:
        path = "index.html" if folder == "." else f"{folder}/index.html"
        if path in tree:
            place = Place(path, 1, 1)
            process = Process(WEB, place, public=True, publish=folder, evidence=evidence(tree, place))
            return Reading(path, processes={WEB: process})
    return None
