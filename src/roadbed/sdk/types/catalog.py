"""The catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Reference
from roadbed.sdk.resources import Resource


class Component(Resource):
    """An entity of kind Component in Backstage's descriptor format."""

    TYPE = "catalog:Component"

    if TYPE_CHECKING:
        ref: Reference

    def __init__(self, name: str, /, *, entity: Mapping[str, Any], **options: Unpack[Options]) -> None:
        super().__init__(self.TYPE, name, {"entity": entity}, **options)
