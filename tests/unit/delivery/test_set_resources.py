"""Resources that somebody set lie over the files until those say the same, or anything else than before."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.delivery.domain import Settings, SettingsChange
from roadbed.delivery.set_resources import SetResource, declared_in, refuse_if_changed, standing, with_set
from roadbed.kit.errors import Conflict, InvalidInput
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source

SMALL, LARGE = {"type": "postgres", "class": "small"}, {"type": "postgres", "class": "large"}


def source(resources: str = "{}") -> ApplicationSource:
    score = "apiVersion: score.dev/v1b1\nmetadata: {name: web}\ncontainers: {main: {image: .}}\n"
    own = f"apiVersion: roadbed.dev/v1\nkind: Application\nresources: {resources}\n"
    return read_source(from_mapping({"score.yaml": score, "roadbed.yaml": own}))


def setting(declared: dict[str, Any] | None, over: dict[str, Any] | None = None) -> SetResource:
    return SetResource(declared, over, "ada", "2026-01-01T00:00:00Z")


IN_FILE = {
    "small": source("{db: {type: postgres, class: small}}"),
    "large": source("{db: {type: postgres, class: large}}"),
}


@pytest.mark.parametrize(
    ("stands", "declared", "over", "file", "expected"),
    [
        ("an addition", SMALL, None, source(), True),
        ("one that the file has by now", SMALL, None, IN_FILE["small"], False),
        ("one that the file says in another way by now", SMALL, None, IN_FILE["large"], False),
        ("a change", LARGE, SMALL, IN_FILE["small"], True),
        ("a change of what the file doesn't say any more", LARGE, SMALL, source(), False),
        ("a removal", None, SMALL, IN_FILE["small"], True),
        ("a removal that the file has by now", None, SMALL, source(), False),
    ],
)
def test_a_setting_stands_until_the_file_says_something_else(
    stands: str, declared: dict[str, Any] | None, over: dict[str, Any] | None, file: ApplicationSource, expected: bool
) -> None:
    assert bool(standing({"db": setting(declared, over)}, file)) == expected, stands


def test_it_lies_over_the_file() -> None:
    found = with_set(IN_FILE["small"], {"db": setting(None, SMALL), "cache": setting({"type": "redis"})})
    assert declared_in(found) == {"cache": {"type": "redis"}}
    assert found.common.resources["cache"].place.shown == "set by ada"


def test_what_is_wrong_in_it_is_told_as_set_by_somebody() -> None:
    with pytest.raises(InvalidInput) as caught:
        with_set(source(), {"db": setting({"type": "postgres", "clas": "small"})})
    assert str(caught.value) == "set by ada: resources.db.clas is not a known field"


def test_who_comes_second_is_refused() -> None:
    with pytest.raises(Conflict, match="there is a resource 'db' already: it was added meanwhile, by ada"):
        refuse_if_changed("db", None, source(), {"db": setting(SMALL)})
    with pytest.raises(Conflict, match="db was changed meanwhile, by ada"):
        refuse_if_changed("db", SMALL, IN_FILE["small"], {"db": setting(LARGE, SMALL)})
    refuse_if_changed("db", SMALL, IN_FILE["small"], {})


def test_settings_keep_them() -> None:
    change = SettingsChange(resources={"db": setting(SMALL)}, expected={"db": None})
    settings = SettingsChange.from_dict(change.to_dict()).apply(Settings())
    assert Settings.from_dict(settings.to_dict()).resources == {"db": setting(SMALL)}
    assert Settings.from_dict({}).resources == {}
