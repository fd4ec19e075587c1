"""The names that people give: labels, stacks, entity references."""

from __future__ import annotations

import re
from dataclasses import dataclass

from roadbed.kit.errors import InvalidInput

LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")


def as_name(written: str) -> str | None:
    """As a workload or an application may be called; None where nothing of it can be kept."""
    name = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")[:63].rstrip("-")
    return name if LABEL.fullmatch(name) else None


def group_reference(owner: str) -> str:
    """`group:default/payments`, however a group is written: `payments`, `group:payments`."""
    name = owner.removeprefix("group:").lower()
    return f"group:{name}" if "/" in name else f"group:default/{name}"


def group_name(reference: str) -> str:
    """As short as it can be said: `payments`."""
    return reference.removeprefix("group:").removeprefix("default/")


def resource_name(urn: str) -> str:
    """`db` of `orders@dev/shared/db#postgres:Database`."""
    return urn.partition("#")[0].rpartition("/")[2]


def check_label(value: str, what: str) -> str:
    """Returns `value` if it is a DNS label of 2 to 63 characters: every name may end up in a host name."""
    if LABEL.fullmatch(value):
        return value
    raise InvalidInput(
        f"{what} {value!r} is not a valid name",
        hint="use 2 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit",
    )


@dataclass(frozen=True, slots=True, order=True)
class StackName:
    """An owner in one environment instance: `orders@dev`."""

    owner: str
    environment: str

    @classmethod
    def parse(cls, text: str) -> StackName:
        owner, separator, environment = text.partition("@")
        if not separator:
            raise InvalidInput(f"{text!r} is not a stack", hint="a stack is written owner@environment: orders@dev")
        return cls(check_label(owner, "the owner"), check_label(environment, "the environment"))

    def __str__(self) -> str:
        return f"{self.owner}@{self.environment}"
