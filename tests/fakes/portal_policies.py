"""Policies as the portal is shown them: one that is configured, one of a pack that is off, one that can't be loaded."""

from __future__ import annotations

from pathlib import Path

from fakes import portal_data as data
from fakes import portal_stacks
from roadbed.engine.views import StackVerdicts
from roadbed.kit.errors import Problem
from roadbed.platform.packs import Pack
from roadbed.policy.book import Book, Unloaded
from roadbed.policy.configuration import Configuration, Saying, Scoped
from roadbed.policy.domain import Place, PolicyInfo

_LINE = Place("policies/policies.yaml", 9)
_STRICT = Saying(_LINE, "mandatory", config={"min": 3})

REPLICAS = PolicyInfo(
    "enough-replicas", "local", "advisory", "resource", ("runtime:Service",),
    "With one replica a service is gone for as long as that one takes to come back.",
    "raise `scale: {min: …}` in roadbed.yaml", "It looks at `replicas`.", {"min": 2}, {"count": 1, "role": "operator"},
    ({"type": "runtime:Service", "properties": {"replicas": 1}},), ({"type": "runtime:Service", "kind": "test"},),
    "policies/production.py", 12,
)  # fmt: skip
BUCKETS = PolicyInfo(
    "no-public-buckets", "security", "mandatory", "stack", ("*",), "What is public is found within minutes.",
    None, "", {}, None, (), (), "roadbed/policies/security/exposure.py", 30,
)  # fmt: skip

BOOK = Book(
    [Pack("local", Path()), Pack("security", Path(), "1.0.0", "Nothing is open that need not be.")],
    {one.name: one for one in (REPLICAS, BUCKETS)},
    Configuration(
        frozenset({"local"}),
        policies={
            "enough-replicas": Scoped(Saying(_LINE), {"production": Saying(_LINE, "mandatory", None, {"min": 3})})
        },
    ),
    [Unloaded("local", Problem("SyntaxError: invalid syntax", None, "policies/broken.py", 3))],
)

_PLANS = [portal_stacks.PLANS[portal_stacks.NETWORK, 13], portal_stacks.PLANS[portal_stacks.NETWORK, 12]]
VERDICTS = [
    StackVerdicts(name, "group:default/platform", "development", plan.number, data.before(minutes=9), plan.verdicts,
                  plan.remediations)
    for name, plan in zip(("network@dev", "orders@dev"), _PLANS, strict=True)
]  # fmt: skip
