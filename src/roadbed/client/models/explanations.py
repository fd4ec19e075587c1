"""Why an application is compiled to what it is."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Layer(TypedDict):
    """Where something is said; `place` as `score.yaml:7`."""

    layer: str
    place: str | None


class Referred(TypedDict):
    """What a placeholder stands for."""

    placeholder: str | None
    uid: str | None
    output: str | None
    value: str | None


class ExplainedVariable(Layer):
    """`value` is null for a secret, and for what only an apply or a start makes known, as `written` says. One that is
    `left_out` is not set: the environment lacks the variable that it holds.
    """

    name: str
    value: str | None
    secret: bool
    written: str | None
    left_out: NotRequired[bool]
    refers: list[Referred]
    over: list[Layer]


class ExplainedFile(TypedDict):
    """`content` names the field that says what is in it; `size` is in bytes, before placeholders are replaced."""

    target: str
    content: str
    source: str | None
    size: int
    mode: str
    expanded: bool
    place: str
    refers: list[Referred]


class ExplainedVolume(TypedDict):
    target: str
    uid: str
    path: str | None
    read_only: bool
    size: str | None
    place: str


class ExplainedContainer(TypedDict):
    """An older server says nothing of `files` and `volumes`."""

    name: str
    place: str
    variables: list[ExplainedVariable]
    files: NotRequired[list[ExplainedFile]]
    volumes: NotRequired[list[ExplainedVolume]]


class ExplainedReplicas(Layer):
    value: int


class ExplainedWorkload(TypedDict):
    name: str
    place: str
    replicas: ExplainedReplicas
    containers: list[ExplainedContainer]


ExplainedResource = TypedDict(
    "ExplainedResource",
    {
        "uid": str,
        "type": str,
        "class": str,
        "id": str | None,
        "workloads": list[str],
        "declared": list[str],
        "params": dict[str, Any],
        "provisioner": str | None,
        "outputs": list[str],
        "made": list[str],
    },
)


class Unbuilt(TypedDict):
    message: str
    file: str | None
    line: int | None


class Explanation(TypedDict):
    application: str
    environment: str
    release: str | None
    workloads: list[ExplainedWorkload]
    resources: list[ExplainedResource]
    not_in_force: list[Unbuilt]
    removed: NotRequired[list[Unbuilt]]
