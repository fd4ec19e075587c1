"""What only shows when the fields of a workload are looked at together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Place, Scalar
from roadbed.workload.domain import Text, Workload
from roadbed.workload.placeholders import Reference, metadata_value, parse
from roadbed.workload.reader import MOST_PROBLEMS, Reader, nearest


def cross_check(workload: Workload, reader: Reader, params: Iterable[Scalar]) -> None:
    """`params` are the texts in the params of all resources, with their places."""
    _check_ports(workload, reader)
    _check_order(workload, reader)
    check_references(workload, reader, [*texts_of(workload), *(Text(str(each.value), each.place) for each in params)])


def check_references(workload: Workload, reader: Reader, texts: Iterable[Text]) -> None:
    """Every placeholder in `texts` refers to what there is, and no resources refer to each other in a circle."""
    for text in texts:
        _check_placeholders(workload, text, reader)
    _check_resource_cycles(workload, reader)


def references_in(value: object, place: Place) -> list[Reference]:
    """Every reference in a tree of plain values."""
    if isinstance(value, str):
        return list(parse(value, place).references)
    children: Collection[object] = ()
    if isinstance(value, dict):
        children = value.values()
    elif isinstance(value, list):
        children = value
    return [reference for child in children for reference in references_in(child, place)]


def texts_of(workload: Workload) -> Iterable[Text]:
    """Every text of its containers in which placeholders are replaced."""
    for container in workload.containers.values():
        yield from container.variables.values()
        yield from (volume.source for volume in container.volumes.values())
        for file in container.files.values():
            if file.content is not None and not file.no_expand:
                yield file.content


def _check_placeholders(workload: Workload, text: Text, reader: Reader) -> None:
    try:
        for reference in parse(text.value, text.place).references:
            if reference.root == "metadata":
                metadata_value(workload.metadata, reference)
            elif reference.path[0] not in workload.resources:
                name = reference.path[0]
                message = f"${{{reference.text}}}: there is no resource {name!r} in this file"
                raise text.place.error(message, nearest(name, workload.resources) or "declare it under `resources:`")
    except InvalidInput as error:
        reader.report(text.place, error.message, error.hint)


def _check_ports(workload: Workload, reader: Reader) -> None:
    seen: dict[tuple[int, str], str] = {}
    for name, port in workload.ports.items():
        first = seen.setdefault((port.port, port.protocol), name)
        if first != name:
            reader.report(port.place, f"service.ports.{name} has the same port {port.port} as {first}")


def _check_order(workload: Workload, reader: Reader) -> None:
    """`before`: the containers exist, a `healthy` one has a probe, and the order has no circle."""
    containers = workload.containers
    for name, container in workload.containers.items():
        for other, condition in container.before.items():
            path = f"containers.{name}.before.{other}"
            if other not in workload.containers:
                hint = nearest(other, workload.containers)
                place = container.before_places[other]
                reader.report(place, f"{path}: there is no container {other!r}", hint)
            if condition == "healthy" and not (container.readiness or container.liveness):
                message = f"{path} waits for {name!r} to be healthy, but it has no probe"
                reader.report(container.before_places[other], message, f"add a readinessProbe to {name!r}")
    for circle in _circles({name: container.before for name, container in containers.items()}):
        place = containers[circle[1]].before_places[circle[0]]
        reader.report(place, f"containers wait for each other: {' → '.join(circle)}")


def _check_resource_cycles(workload: Workload, reader: Reader) -> None:
    graph = {
        name: {
            reference.path[0]
            for reference in _sound_references(dict(resource.params), resource.place)
            if reference.root == "resources"
        }
        for name, resource in workload.resources.items()
    }
    for circle in _circles(graph):
        reader.report(workload.resources[circle[0]].place, f"resources refer to each other: {' → '.join(circle)}")


def _sound_references(value: object, place: Place) -> list[Reference]:
    """None where a placeholder is wrong, which is told of it already."""
    try:
        return references_in(value, place)
    except InvalidInput:
        return []


def _circles(graph: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Those that must be broken so that none is left, as many as are told: each from its first node back to it."""
    left = {node: set(nexts) for node, nexts in graph.items()}
    for _ in range(MOST_PROBLEMS):
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            circle = [str(name) for name in error.args[1]]
            left[circle[1]].discard(circle[0])
            yield circle
        else:
            return
