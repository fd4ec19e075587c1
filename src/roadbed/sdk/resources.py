"""Resources: the nodes of the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from roadbed.sdk import graph, markers
from roadbed.sdk.declaring import declare, declare_read
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.options import Alias, Timeouts
from roadbed.sdk.program import Declared
from roadbed.sdk.references import Deferred, Reference

Self = TypeVar("Self", bound="Resource")


class Resource(Declared):
    """A node of the graph, of any type: `Resource("postgres:Database", "db", collation="C")`.

    Its outputs are references: `db.host`, or `db["host"]` where the name is no identifier. Properties are given by
    name, or as a map where a name is no identifier or that of an option. Options: see `roadbed.sdk.Options`.
    """

    TYPE: ClassVar[str] = ""
    """The type of a typed class."""

    def __init__(
        self,
        type: str,
        name: str,
        /,
        properties: Mapping[str, Any] | None = None,
        *,
        depends_on: Sequence[Declared] | None = None,
        protect: bool | None = None,
        retain_on_delete: bool | None = None,
        ignore_changes: Sequence[str] | None = None,
        replace_on_changes: Sequence[str] | None = None,
        delete_before_replace: bool | None = None,
        aliases: Sequence[Alias | str] | None = None,
        import_: str | None = None,
        provider: Declared | None = None,
        timeouts: Timeouts | None = None,
        **named: Any,
    ) -> None:
        options = {
            "depends_on": depends_on,
            "protect": protect,
            "retain_on_delete": retain_on_delete,
            "ignore_changes": ignore_changes,
            "replace_on_changes": replace_on_changes,
            "delete_before_replace": delete_before_replace,
            "aliases": aliases,
            "import_": import_,
            "provider": provider,
            "timeouts": timeouts,
        }
        given = {**properties, **named} if properties else named
        object.__setattr__(self, "urn", declare(self, type, name, given, options))

    @classmethod
    def read(cls: type[Self], name: str, /, *, id: str | Deferred, **properties: Any) -> Self:
        """What is there already and isn't managed here, for its outputs: `Database.read("legacy", id="legacy")`."""
        if not cls.TYPE:
            raise ProgramError("Resource.read needs a typed class", "write roadbed.sdk.read(type, name, id)")
        return _read(cls, cls.TYPE, name, id, properties)

    def __getitem__(self, output: str) -> Reference:
        return Reference(self.urn, graph.known_text(output, f"an output of {self.urn}"))

    def __getattr__(self, output: str) -> Reference:
        if output.startswith("_") or output == "urn":
            raise AttributeError(output)
        return Reference(self.urn, output)

    def __setattr__(self, name: str, value: object) -> None:
        raise ProgramError(f"{name!r} of {self.urn} can't be set", "give properties where the resource is declared")

    def __repr__(self) -> str:
        return markers.told(self.urn)


def read(type: str, name: str, id: str | Deferred, /, **properties: Any) -> Resource:
    """What is there already and isn't managed here, for its outputs. `id` is the provider's own name for it."""
    return _read(Resource, type, name, id, properties)


def _read(cls: type[Self], type: str, name: str, id: str | Deferred, properties: Mapping[str, Any]) -> Self:
    found = cls.__new__(cls)
    object.__setattr__(found, "urn", declare_read(found, type, name, id, properties))
    return found
