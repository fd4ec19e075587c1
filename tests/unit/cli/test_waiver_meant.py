"""Which waiver is meant by a place."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from roadbed.cli.waiver import _meant
from roadbed.kit.errors import InvalidInput, NotFound


def waiting(*subjects: str) -> Any:
    items = [{"id": f"wv_{number}", "subject": one, "status": "waiting"} for number, one in enumerate(subjects)]
    listing = {"items": [*items, {"id": "wv_old", "subject": "shop@prod", "status": "revoked"}]}
    return SimpleNamespace(waivers=SimpleNamespace(list=lambda _: listing))


@pytest.mark.parametrize(
    ("subjects", "meant"),
    [(("shop@prod",), "wv_0"), (("shop",), "wv_0"), (("shop", "shop@prod"), "wv_1")],
)
def test_the_one_for_just_that_place_is_meant_before_one_that_covers_it(subjects: tuple[str, ...], meant: str) -> None:
    assert _meant(waiting(*subjects), "shop@prod") == meant
    assert _meant(waiting(*subjects), "wv_9") == "wv_9"


def test_of_several_one_is_to_be_named() -> None:
    with pytest.raises(InvalidInput, match="more than one waits to be decided on for shop@prod"):
        _meant(waiting("shop@prod", "shop@prod"), "shop@prod")
    with pytest.raises(NotFound, match="nothing waits to be decided on"):
        _meant(waiting(), "shop@prod")
