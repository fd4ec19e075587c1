"""What a plan is made of beside the graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from roadbed.engine.domain import Observed, Recorded
from roadbed.engine.expressions.values import Known
from roadbed.providers.driver import ResourceType


@dataclass(frozen=True, slots=True)
class Facts:
    """`state` and `observed` are by key; what is to be imported is observed under its URN.

    `fingerprint` is keyed, so that secrets can be compared and not guessed. `exports` are those that there are, as
    recorded.
    """

    state: Mapping[str, Recorded]
    types: Mapping[str, ResourceType]
    known: Known
    fingerprint: Callable[[str], str]
    observed: Mapping[str, Observed] = field(default_factory=dict)
    exports: Mapping[str, Any] = field(default_factory=dict)
