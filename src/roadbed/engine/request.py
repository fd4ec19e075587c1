"""What is asked of a plan, and what that means for the graph at hand. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from roadbed.engine.domain import Graph, Note, PlanOptions, Recorded
from roadbed.engine.expressions.sizes import MAX_DOCUMENT, MAX_PROPERTIES, is_larger
from roadbed.engine.planning import graph as graphs
from roadbed.engine.planning import selection
from roadbed.engine.stack_info import StackInfo
from roadbed.kit.errors import InvalidInput, TooLarge

__all__ = ["PlanRequest", "plan_options", "read_graph"]


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """`document` is a graph document. `targets` and `replace` are selectors (see `selection.py`).

    `target_dependents` takes in what depends on the targets. `destroy` wants nothing of the document, `keep` are URNs
    that stay as they are; with `keep_data` nothing that holds data is deleted for not being in the document. `refresh`
    says that what was observed is given, too. `notes` are what the plan is to say of what was declared and is not in
    the document, `remarks` what it is to say of a resource, by URN, if it changes that.
    """

    stack: StackInfo
    document: Mapping[str, Any]
    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    replace: tuple[str, ...] = ()
    refresh: bool = False
    destroy: bool = False
    keep: frozenset[str] = field(default=frozenset())
    keep_data: bool = False
    notes: tuple[Note, ...] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)


def read_graph(request: PlanRequest) -> Graph:
    """Raises InvalidInput with every finding, TooLarge for what is too large to be planned."""
    document = request.document
    if document.get("stack") != str(request.stack.name):
        raise InvalidInput(f"this is a graph of {document.get('stack')!r}, not of {request.stack.name}")
    _check_size(document)
    if request.destroy:
        document = {**document, "resources": [], "exports": {}}
    return graphs.read(document)


def _check_size(document: Mapping[str, Any]) -> None:
    if not is_larger(document, MAX_PROPERTIES):
        return
    for resource in document["resources"]:
        if is_larger(resource["properties"], MAX_PROPERTIES):
            source = resource.get("source") or {}
            raise TooLarge(
                f"the properties of {resource['urn']} are over {MAX_PROPERTIES:,} bytes",
                hint="put what is that large into a file or a bucket, and refer to it",
                file=source.get("file"),
                line=source.get("line"),
            )
    if is_larger(document, MAX_DOCUMENT):
        raise TooLarge(f"the graph of {document['stack']} is over {MAX_DOCUMENT:,} bytes", hint="split the stack")


def plan_options(request: PlanRequest, graph: Graph, state: Mapping[str, Recorded]) -> PlanOptions:
    """Raises InvalidInput for a selector that means nothing."""
    targets = selection.select(request.targets, graph, state)
    if request.target_dependents:
        targets = selection.with_dependents(targets, graph, state)
    return PlanOptions(
        targets=selection.with_dependencies(targets, graph),
        replace=selection.select(request.replace, graph, state),
        refresh=request.refresh,
        destroy=request.destroy,
        keep=request.keep,
        keep_data=request.keep_data,
        remarks=request.remarks,
    )
