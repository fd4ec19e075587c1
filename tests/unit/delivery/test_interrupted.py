"""What a deploy says in the end of a workload that its update interrupted."""

from __future__ import annotations

from roadbed.delivery.notes import interrupted
from roadbed.engine.domain import Step
from roadbed.runtimes.elsewhere import interruption
from roadbed.runtimes.types import SERVICE


def test_what_the_plan_says_of_an_update_is_said_in_the_end() -> None:
    note = interruption("web", [8777])
    steps = [
        Step("a", SERVICE, "web", "update", "rollout", note=note),
        Step("b", SERVICE, "worker", "update", "rollout"),
        Step("c", "runtime:Job", "release", "update", "rollout", note="of another kind"),
    ]
    assert interrupted(steps) == ["the change interrupts it: web listens on 8777, so that the old replica ends first"]
