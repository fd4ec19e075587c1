"""An application's resources on the wire."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from roadbed.delivery.resource_changes import Action, ResourceChange
from roadbed.delivery.schemas import Label
from roadbed.engine.schemas import PlanOut

MAX_PARAMS = 64 * 1024
"""Bytes, as JSON."""

ShortText = Annotated[str, Field(max_length=63)]


class ResourceChangeBody(BaseModel):
    """`workloads` null means all of them. `type`, `class`, `params` and `prefix` are for what is added."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    environment: Label
    action: Action
    name: ShortText = ""
    workloads: Annotated[list[Label], Field(max_length=100)] | None = None
    type: ShortText = ""
    resource_class: Annotated[ShortText, Field(alias="class")] = "default"
    params: dict[str, Any] = {}
    prefix: ShortText | None = None

    @field_validator("params")
    @classmethod
    def _small(cls, value: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(value)) > MAX_PARAMS:
            raise ValueError(f"params are larger than {MAX_PARAMS // 1024} KiB")
        return value

    def change(self) -> ResourceChange:
        return ResourceChange(
            action=self.action,
            name=self.name,
            workloads=None if self.workloads is None else tuple(self.workloads),
            type=self.type,
            resource_class=self.resource_class,
            params=self.params,
            prefix=self.prefix,
        )


class ResourceApplyBody(ResourceChangeBody):
    """Without `delete_data` a change that would delete what holds data is refused; with it, that is backed up before,
    unless `final_backups` is false.
    """

    delete_data: bool = False
    final_backups: bool = True


class ConnectBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    environment: Label


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PartOut(_Out):
    urn: str
    type: str
    state: str


class AskedResourceOut(_Out):
    """`declared` are places, as `roadbed.yaml:7`; `set_by` is who set it over the files. `parts` were made for it.

    `state`: created, failed, or planned as long as it isn't there.
    """

    name: str
    type: str
    resource_class: Annotated[str, Field(serialization_alias="class")]
    state: str
    params: dict[str, Any]
    workloads: list[str]
    variables: list[str]
    declared: list[str]
    set_by: str | None
    set_at: str | None
    editable: bool
    provisioner: str | None
    outputs: list[str]
    parts: list[PartOut]


class ProposalOut(_Out):
    """What a change would do. `declared` null: nothing is declared any more. `diff` is empty for a `file` that can't be
    edited line by line; `lines` are what to write there by hand.
    """

    name: str
    declared: dict[str, Any] | None
    file: str
    diff: str
    lines: str
    loses_data: bool
    plan: PlanOut


class CheckedOut(_Out):
    name: str
    type: str


class ConnectionOut(_Out):
    """`outputs` in the clear; `secret` names those that must not be shown."""

    name: str
    type: str
    outputs: dict[str, Any]
    secret: list[str]


class ParamOut(_Out):
    """`types` are JSON Schema's; none says that any will do."""

    name: str
    types: list[str]
    default: Any
    help: str
    choices: list[Any]
    required: bool


class OfferOut(_Out):
    """`params` null: it takes any. `place` is the provisioner's `file:line`."""

    environments: list[str]
    resource_class: Annotated[str, Field(serialization_alias="class")]
    params: list[ParamOut] | None
    place: str
    title: str
    description: str
    owner: str | None
    docs: str | None
    version: str | None
    maturity: str | None
    successor: str | None


class BlockOut(_Out):
    """`environments` are those where somebody offers it."""

    type: str
    title: str
    description: str
    outputs: list[str]
    environments: list[str]
    offers: list[OfferOut]
