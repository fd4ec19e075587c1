from __future__ import annotations

from roadbed.detection.build_variables import build_variables, not_given, without_variables
from roadbed.detection.domain import Process, Variable
from roadbed.workload.document import Place

PLACE = Place("render.yaml", 3, 1)


def _variables(**values: str | None) -> dict[str, Variable]:
    return {name: Variable(name, PLACE, "asked" if value is None else "value", value) for name, value in values.items()}


def test_a_build_is_given_what_is_no_secret_and_not_its_own() -> None:
    web = Process(
        "web", PLACE, "x", public=True, variables=_variables(VITE_API_KEY="a", MODE_A="1", PATH="/", DB_PASSWORD="x")
    )
    worker = Process("worker", PLACE, "y", variables=_variables(MODE_A="2", MODE_B="3", ASKED=None))
    found = build_variables({"worker": worker, "web": web}, _variables(NODE_ENV="development", STRIPE_SECRET="s"))
    assert {name: one.value for name, one in found.items()} == {"VITE_API_KEY": "a", "MODE_A": "1", "MODE_B": "3"}


def test_what_pages_are_made_with_and_nobody_says_is_noted() -> None:
    site = Process("site", PLACE, publish="dist", public=True, variables=_variables(VITE_A="a", VITE_B=None))
    read = {"VITE_C": Variable("VITE_C", Place("src/a.ts", 7, 1), "asked"), "OTHER": Variable("OTHER", PLACE, "asked")}
    notes = list(not_given({"site": site}, {}, {**read, **_variables(VITE_A=None)}))
    assert [(one.file, one.line, one.message.split()[0]) for one in notes] == [
        ("src/a.ts", 7, "VITE_C"),
        ("render.yaml", 3, "VITE_B"),
    ]
    assert without_variables({"site": site})["site"].variables == {}
