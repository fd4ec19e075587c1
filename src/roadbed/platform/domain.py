"""Environments, as the platform team declares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from roadbed.kit.access import Target
from roadbed.workload.document import parse_document
from roadbed.workload.reader import Fields, Reader

Kind: TypeAlias = Literal["development", "test", "production"]
Runtime: TypeAlias = Literal["process"]

KINDS: tuple[Kind, ...] = ("development", "test", "production")
RUNTIMES: tuple[Runtime, ...] = ("process",)
API_VERSION, KIND = "roadbed.dev/v1", "Environments"


@dataclass(frozen=True, slots=True)
class Environment:
    """Where applications run. `kind` decides who may change it; `runtime` what runs workloads there."""

    name: str
    kind: Kind
    runtime: Runtime = "process"
    description: str = ""

    @property
    def target(self) -> Target:
        """What a permission is asked for."""
        return Target("environment", self.name, environment=self.name, attributes={"kind": self.kind})


def read_environments(text: str, *, file: str) -> dict[str, Environment]:
    """`environments.yaml`, in its own order. Raises InvalidInput with everything that is wrong in it."""
    reader = Reader()
    known = ("apiVersion", "kind", "environments")
    fields = reader.section(parse_document(text, file), "", known, known)
    fields.choice("apiVersion", (API_VERSION,), API_VERSION)
    fields.choice("kind", (KIND,), KIND)
    sections = fields.mapping("environments").sections(("kind", "runtime", "description"), ("kind",))
    if "environments" in fields and not sections:
        reader.report(fields.place("environments"), "environments is empty", "declare at least one environment")
    environments = {name: _environment(name, section) for name, section in sections}
    reader.findings.raise_if_any(file)
    return environments


def _environment(name: str, fields: Fields) -> Environment:
    return Environment(
        name=name,
        kind=cast("Kind", fields.choice("kind", KINDS, "development")),
        runtime=cast("Runtime", fields.choice("runtime", RUNTIMES, "process")),
        description=fields.text("description"),
    )
