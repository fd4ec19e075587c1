"""What is said where a guessed name is that of an application from another source."""

from __future__ import annotations

import pytest

from roadbed.cli.namesakes import from_elsewhere
from roadbed.client.models import Release

URL = "https://example.org/shop.git"


@pytest.mark.parametrize(
    ("before", "now", "noted"),
    [
        (("folder", None), ("folder", None), False),
        (("folder", None), ("revision", None), False),
        (("git", URL), ("git", "https://me:secret@example.org/shop#v2"), False),
        (("folder", None), ("git", URL), True),
        (("git", URL), ("git", "https://example.org/other.git"), True),
        (("archive", None), ("folder", None), True),
    ],
)
def test_a_name_is_another_s(before: tuple[str, str | None], now: tuple[str, str | None], noted: bool) -> None:
    kind, url = before
    release: Release = {
        "release": "v3",
        "number": 3,
        "status": "active",
        "created_at": "",
        "origin": {"kind": kind, "url": url, "revision": None, "ref": None, "dirty": False},
    }
    said = from_elsewhere(release, "shop", "dev", *now)
    assert (said is not None) == noted
    if said is not None:
        assert f"shop is in dev already: v3, of another source ({kind})" in said
