"""More replicas of what listens on a port of its own choice are refused in the plan."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from roadbed.delivery.scaling import check_scaled
from roadbed.engine.domain import Change, Step
from roadbed.kit.errors import InvalidInput
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source

SCORE = "apiVersion: score.dev/v1b1\nmetadata: {name: web}\ncontainers: {main: {image: .}}\n"
ROADBED = (
    "apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {name: shop}\nworkloads:\n  web:\n    scale: {min: 3}\n"
)
MORE = Change("replicas", 1, 3)


def check(*changes: Change, fixed: Mapping[str, list[int]], chosen: Mapping[str, int]) -> None:
    urn, properties = "shop@dev/web#runtime:Service", {"workload": "web"}
    step = Step(urn, "runtime:Service", "web", "update", "rollout", properties, changes=changes)
    source = read_source(from_mapping({"score.yaml": SCORE, "roadbed.yaml": ROADBED}))
    check_scaled([step], fixed, source, chosen)


@pytest.mark.parametrize(("chosen", "place"), [({}, "roadbed.yaml:6:13: "), ({"web": 3}, "")])
def test_it_is_told_where_the_number_is_said(chosen: Mapping[str, int], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(MORE, fixed={"web": [8080]}, chosen=chosen)
    told = "web listens on 8080 whatever PORT says: only one replica can run on a machine"
    assert str(refused.value) == place + told


@pytest.mark.parametrize(
    ("changes", "fixed"),
    [
        ((MORE,), {}),
        ((MORE,), {"other": [8080]}),
        ((MORE, Change("artifact", "a", "b")), {"web": [8080]}),
        ((Change("replicas", 3, 1),), {"web": [8080]}),
        ((Change("replicas", 0, 1),), {"web": [8080]}),
        ((), {"web": [8080]}),
    ],
)
def test_what_may_do_otherwise_is_tried(changes: tuple[Change, ...], fixed: Mapping[str, list[int]]) -> None:
    check(*changes, fixed=fixed, chosen={})
