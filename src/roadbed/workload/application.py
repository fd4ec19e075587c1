"""Reads `roadbed.yaml`: what an application's team says that Score has no field for.

The file is one whole tree and a layer for each environment that differs. A layer is laid over the whole (see `layers`),
and what comes of it is checked as the file itself is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from roadbed.workload import document
from roadbed.workload.application_domain import Application
from roadbed.workload.application_fields import application_from, workloads_of
from roadbed.workload.application_form import APPLICATION, LAYERED
from roadbed.workload.application_rules import cross_check
from roadbed.workload.document import Node
from roadbed.workload.layers import Removed, layered, said_of
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields, Reader


def read_application(text: str, *, file: str, environment: str | None = None) -> Application:
    """As `application_of` the text of a file."""
    return application_of(parse_document(text, file), file, environment)


def application_of(root: Node, file: str, environment: str | None = None) -> Application:
    """The file as a tree, with the layer of `environment` if it has one.

    Raises InvalidInput with everything that is wrong in the file, whichever environment it is read for.
    """
    reader = Reader()
    APPLICATION.check(reader, root, "")
    reader.findings.raise_if_any(file)
    fields = Fields(reader, cast("document.Mapping", root), "")
    base = _without_environments(fields.node)
    layers = fields.mapping("environments")
    whole = {name: layered(base, cast("document.Mapping", layer)) for name, layer, _ in layers.items()}
    for tree, where in ((base, ""), *((tree, f" in {name}") for name, (tree, _) in whole.items())):
        LAYERED.check(reader, tree, "")
        if not reader.findings.problems:
            cross_check(Fields(reader, tree, ""), file, where)
    reader.findings.raise_if_any(file)
    chosen, removed = whole.get(environment or "", (base, ()))
    places = {name: layers.place(name) for name, _, _ in layers.items()}
    found = application_from(Fields(reader, chosen, ""), file, places)
    others = (workloads_of(Fields(reader, tree, "")) for tree, _ in whole.values())
    return replace(_without(found, removed, environment or ""), elsewhere=tuple(others))


def _without(application: Application, removed: tuple[Removed, ...], environment: str) -> Application:
    """With what a layer takes away, and with what it would if it were there."""
    said = [(one, one.place.problem(message)) for one, message in said_of(removed, environment)]
    return replace(
        application,
        removed=tuple(problem for one, problem in said if one.was is not None),
        not_in_force=(*application.not_in_force, *(problem for one, problem in said if one.was is None)),
    )


def _without_environments(root: document.Mapping) -> document.Mapping:
    return replace(root, entries={name: node for name, node in root.entries.items() if name != "environments"})
