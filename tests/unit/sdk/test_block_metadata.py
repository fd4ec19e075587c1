"""What a provisioner says of itself, and what of that is refused at its own line."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.sdk import Component, ProgramError, Request, provisioners
from roadbed.sdk.program import Program, running
from roadbed.sdk.provisioners import Example, provisioner


@pytest.fixture(autouse=True)
def _nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioners, "_registered", [])


def test_all_that_is_told_of_it() -> None:
    small = Example({"size": 1})

    @provisioner(
        "mysql",
        environments=["dev", "test-*"],
        title="MySQL",
        owner="group:default/data",
        docs="README.md",
        version="1.4.0",
        maturity="deprecated",
        successor="postgres",
        outputs={"host": "Where it is."},
        examples={"small": small},
    )
    def mysql(request: Request) -> dict[str, object]:
        """A database.

        On a server.
        """
        return {}

    (made,) = provisioners.registered()
    assert made.places == ("dev", "test-*")
    assert (made.about.version, made.about.maturity, made.about.successor) == ("1.4.0", "deprecated", "postgres")
    assert made.about.examples == {"small": small}
    assert (made.name, made.notes) == ("mysql", "A database.\n\nOn a server.")
    assert made.file == __file__
    assert made.line > 0
    assert made.block is None


def test_a_component_is_made_with_the_params() -> None:
    @provisioner("site")
    class Site(Component):
        """Pages."""

        def __init__(self, name: str, *, domain: str = "example.com") -> None:
            super().__init__("acme:Site", name)
            self.outputs(url=f"https://{domain}")

    (made,) = provisioners.registered()
    assert (made.name, made.notes, made.file) == ("Site", "Pages.", __file__)
    asked = Request("site", "docs", "web", "orders", "dev", "development", {"domain": "docs.test"})
    with running(Program("orders@dev")) as program:
        assert made.function(asked) == {"url": "https://docs.test"}
    assert [one["type"] for one in program.resources.values()] == ["acme:Site"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"version": "1.4"}, "the provisioner of 'x' has the version '1.4'"),
        ({"version": "01.4.0"}, "the provisioner of 'x' has the version '01.4.0'"),
        ({"version": 1}, "the provisioner of 'x' has the version 1, which is no text"),
        ({"maturity": "stabel"}, "the provisioner of 'x' has the maturity 'stabel' (is that 'stable'?)"),
        ({"successor": "y"}, "the provisioner of 'x' has a successor and isn't deprecated"),
        ({"owner": " "}, "the provisioner of 'x' has the owner ' ', which is no text"),
        ({"examples": {"a": {"size": 1}}}, "the provisioner of 'x' has an example 'a' that can't be one"),
        (
            {"examples": {"a": Example(kind="prod")}},
            "the provisioner of 'x' has an example 'a' of an environment of the kind 'prod'",
        ),
        ({"examples": {"A b": Example()}}, "the provisioner of 'x' has an example 'A b' that can't be one"),
    ],
)
def test_what_can_not_be_said(said: Any, message: str) -> None:
    with pytest.raises(ProgramError) as caught:
        provisioner("x", **said)
    assert caught.value.message == message
