"""Where each variable of a container comes from, as an explanation says it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.delivery.at_start import told_at_start
from roadbed.delivery.explained_references import references_of, shown
from roadbed.delivery.variables import Given, Variables
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.domain import Container, Workload


class ExplainedVariables:
    """Explains the variables of an application's containers."""

    def __init__(self, source: ApplicationSource, variables: Variables) -> None:
        self._source, self._variables = source, variables

    def of(self, workload: Workload, container: Container) -> list[dict[str, Any]]:
        """By name; each with the layers that it lies over, the nearest first. One that no layer has a value for is
        there, too: whoever looks for it finds why.
        """
        layers: dict[str, list[Given]] = {}
        for given in (*_unless_said(workload), *self._variables.layers(workload, container), *_at_start(workload)):
            layers.setdefault(given.name, []).insert(0, given)
        for given in self._variables.left_out(workload, container):
            layers.setdefault(given.name, [given])
        return [
            {
                "name": name,
                **_given(said[0], workload, self._source),
                "over": [{"layer": each.layer, "place": shown(each.place)} for each in said[1:]],
            }
            for name, said in sorted(layers.items())
        ]


def _unless_said(workload: Workload) -> list[Given]:
    """Below all layers: where a replica is to listen, if nothing else says so."""
    return [Given("HOST", "127.0.0.1", "platform")] if workload.ports else []


def _at_start(workload: Workload) -> Iterator[Given]:
    """Over all layers: `written` is what the replica is told, in words."""
    for name, said in told_at_start(workload).items():
        yield Given(name, said, "start") if name == "HOME" else Given(name, None, "start", written=f"({said})")


def _given(given: Given, workload: Workload, source: ApplicationSource) -> dict[str, Any]:
    holder = workload if given.layer == "score" else source.common
    return {
        "value": given.value if isinstance(given.value, str) else None,
        "secret": isinstance(given.value, Mapping) and "$secret" in given.value,
        "layer": given.layer,
        "place": shown(given.place),
        "written": given.written,
        "left_out": given.left_out,
        "refers": list(_refers(given, holder)),
    }


def _refers(given: Given, holder: Workload) -> Iterator[dict[str, str | None]]:
    """Each placeholder, with the resource's UID and output, or the text of the metadata."""
    if given.written is None or given.layer == "start":
        return
    if given.uid is not None:
        yield {"placeholder": given.written, "uid": given.uid, "output": given.output, "value": None}
        return
    yield from references_of(given.written, holder)
