"""What a program calls a secret, and the value that was set under that name."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.engine.expressions.named_secrets import SetSecrets, with_stored_secrets
from roadbed.kit.errors import InvalidInput

HELD = SetSecrets("network@dev", {"KEY": "secret_1"}, "roadbed stack secrets network@dev set")
SOURCE = {"file": "roadbed.py", "line": 4}


def document(**properties: Any) -> dict[str, Any]:
    resource = {"urn": "shop@dev/a#core:Data", "properties": properties, "source": SOURCE}
    return {"version": 1, "stack": "shop@dev", "resources": [resource]}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"$secret": "KEY"}, {"$secret": "secret_1"}),
        ([{"$join": ["a", {"$secret": "KEY"}]}], [{"$join": ["a", {"$secret": "secret_1"}]}]),
        ({"$call": ["upper", {"$secret": "KEY"}]}, {"$call": ["upper", {"$secret": "secret_1"}]}),
        ({"deep": {"$literal": {"$secret": "KEY"}}}, {"deep": {"$literal": {"$secret": "KEY"}}}),
        ({"$literal": {"$x": {"$secret": "KEY"}}}, {"$literal": {"$x": {"$secret": "secret_1"}}}),
        ({"KEY": "KEY", "n": 7}, {"KEY": "KEY", "n": 7}),
    ],
    ids=str,
)
def test_a_name_becomes_the_id_of_what_is_stored(value: Any, found: Any) -> None:
    made = with_stored_secrets({**document(value=value), "exports": {"x": value}}, HELD)
    assert made["resources"][0]["properties"] == {"value": found}
    assert made["exports"] == {"x": found}


def test_what_has_to_be_done_before_it_can_be_set() -> None:
    held = SetSecrets("shop", {}, "roadbed config shop --secret set", "deploy it once without its secrets")
    with pytest.raises(InvalidInput) as refused:
        with_stored_secrets(document(value={"$secret": "KEY"}), held)
    assert refused.value.hint == (
        "deploy it once without its secrets, then set it: roadbed config shop --secret set KEY"
    )


def test_every_name_that_nothing_is_set_under_is_told_with_its_place() -> None:
    program = document(value=[{"$secret": "KEY"}, {"$secret": "KYE"}, {"$secret": "OTHER ONE"}])
    program |= {
        "exports": {"x": {"$secret": "EXPORTED"}},
        "export_sources": {"x": {"file": "lib/outputs.py", "line": 9}},
    }
    with pytest.raises(InvalidInput) as refused:
        with_stored_secrets(program, HELD)
    found = [(one.message, one.hint, one.place) for one in refused.value.problems]
    setting = "roadbed stack secrets network@dev set"
    assert found == [
        ("network@dev has no secret 'KYE'", f"did you mean 'KEY'? If not, set it: {setting} KYE", "roadbed.py:4"),
        ("network@dev has no secret 'OTHER ONE'", f"set it first: {setting} 'OTHER ONE'", "roadbed.py:4"),
        ("network@dev has no secret 'EXPORTED'", f"set it first: {setting} EXPORTED", "lib/outputs.py:9"),
    ]
