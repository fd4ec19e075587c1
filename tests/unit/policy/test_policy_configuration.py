"""`policies/policies.yaml`: what goes before what, and everything that is wrong in it at its line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.kit.errors import InvalidInput, Problem
from roadbed.platform.domain import KINDS
from roadbed.platform.packs import Pack
from roadbed.policy.book import Book, Unloaded
from roadbed.policy.configuration import Configuration, plain_configuration, read_configuration
from roadbed.policy.domain import PolicyInfo, Verdict

HEAD = "apiVersion: roadbed.dev/v1\nkind: Policies\n"


def info(name: str, pack: str = "local", level: Any = "advisory", **config: Any) -> PolicyInfo:
    return PolicyInfo(name, pack, level, "resource", ("*",), "so", "do", "", config, None, (), (), "p.py", 3)


KNOWN = {
    one.name: one
    for one in (
        info("replicas", min=2, names=["a"], word="x", strict=True),
        info("tagged", level="remediate"),
        info("open", "security", "mandatory"),
        info("sizes", "ours", most=5),
    )
}


def read(text: str, *, complete: bool = True) -> Configuration:
    return read_configuration(
        HEAD + text,
        file="policies/policies.yaml",
        policies=KNOWN,
        packs=["local", "ours", "security"],
        in_repo=["local", "ours"],
        environments=("dev", "prod"),
        kinds=KINDS,
        complete=complete,
    )


PLACES = {"dev": "development", "prod": "production"}


def meant(text: str, policy: str, environment: str = "prod") -> tuple[Any, Any, str, dict[str, str]]:
    found = read(text).effective(KNOWN[policy], environment, PLACES[environment])
    places = {key: str(place.line) for key, place in found.config_from.items()}
    return found.level, dict(found.config), str(found.level_from and found.level_from.line), places


MEANT: list[tuple[str, str, str, str, Any]] = [
    ("nothing is said", "", "sizes", "prod", ("advisory", {"most": 5}, "None", {})),
    ("installed, and not named", "", "open", "prod", (None, {}, "None", {})),
    ("installed, and named", "packs:\n  security:\n", "open", "prod", ("mandatory", {}, "None", {})),
    ("of the repo, and not named where packs are", "packs:\n  security:\n", "sizes", "prod",
     (None, {"most": 5}, "None", {})),
    ("loose files are always on", "packs: {}\n", "tagged", "prod", ("remediate", {}, "None", {})),
    ("a level", "policies:\n  sizes:\n    level: mandatory\n", "sizes", "prod", ("mandatory", {"most": 5}, "4", {})),
    ("off in one environment", "policies:\n  sizes: {environments: {prod: {off: true}}}\n", "sizes", "prod",
     (None, {"most": 5}, "4", {})),
    ("and on in the other", "policies:\n  sizes: {environments: {prod: {off: true}}}\n", "sizes", "dev",
     ("advisory", {"most": 5}, "None", {})),
    ("an environment goes before its kind",
     "policies:\n  sizes:\n    environments: {prod: {config: {most: 1}}}\n"
     "    kinds:\n      production: {level: mandatory, config: {most: 2}}\n",
     "sizes", "prod", ("mandatory", {"most": 1}, "7", {"most": "5"})),
    ("a policy goes before its pack",
     "packs:\n  ours: {off: true}\npolicies:\n  sizes:\n    kinds: {production: {off: false}}\n",
     "sizes", "prod", ("advisory", {"most": 5}, "7", {})),
    ("its pack where nothing else is said",
     "packs:\n  ours: {kinds: {development: {level: mandatory}}}\n", "sizes", "dev",
     ("mandatory", {"most": 5}, "4", {})),
    ("what remediates may only advise", "policies:\n  tagged: {level: advisory}\n", "tagged", "dev",
     ("advisory", {}, "4", {})),
]  # fmt: skip


@pytest.mark.parametrize(("text", "policy", "environment", "found"), [case[1:] for case in MEANT],
                         ids=[case[0] for case in MEANT])  # fmt: skip
def test_what_goes_before_what(text: str, policy: str, environment: str, found: Any) -> None:
    assert meant(text, policy, environment) == found


WRONG: list[tuple[str, str, str]] = [
    ("packs:\n  securty:\n", "4:3: there is no pack 'securty'", "did you mean 'security'?"),
    ("policies:\n  replica: {}\n", "4:3: there is no policy 'replica'", "did you mean 'replicas'?"),
    ("polices: {}\n", "3:1: polices is not a known field", "did you mean 'policies'?"),
    ("policies:\n  sizes: {levl: mandatory}\n", "levl is not a known field", "did you mean 'level'?"),
    ("policies:\n  sizes: {level: madatory}\n", "must be advisory or mandatory, not 'madatory'", "did you mean 'mand"),
    ("policies:\n  sizes: {level: remediate}\n", "must be advisory or mandatory, not 'remediate'", "known here"),
    ("policies:\n  sizes: {config: {mst: 5}}\n", "has no config 'mst'", "did you mean 'most'?"),
    ("policies:\n  sizes: {config: {most: five}}\n", "must be a number, as 5 is, not 'five'", ""),
    ("policies:\n  sizes: {config: {most: true}}\n", "must be a number, as 5 is, not True", ""),
    ("policies:\n  replicas: {config: {strict: 1}}\n", "must be true or false", ""),
    ("policies:\n  replicas: {config: {names: a}}\n", "must be a list", ""),
    ("policies:\n  tagged: {config: {a: 1}}\n", "tagged has no config 'a'", "it has none"),
    ("policies:\n  sizes: {environments: {prd: {}}}\n", "there is no environment 'prd'", "did you mean 'prod'?"),
    ("policies:\n  sizes: {kinds: {prod: {off: true}}}\n", "there is no kind 'prod'", "known here: development"),
    ("policies:\n  sizes: {off: maybe}\n", "must be true or false, not text", ""),
    ("packs:\n  ours: {config: {most: 5}}\n", "config is not a known field", ""),
    ("packs: [ours]\n", "packs must be a mapping, not a list", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "hint"), WRONG)
def test_what_is_wrong_is_told_at_its_line(text: str, said: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    found = caught.value.problems
    told = [f"{one.line}:{one.column}: {one.message}|{one.hint or ''}" for one in found]
    problems = told or [f"{caught.value}|{caught.value.hint or ''}"]
    assert any(said in problem and hint in problem for problem in problems), problems


def test_all_of_it_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        read("packs:\n  a:\n  b:\npolicies:\n  c: {}\n")
    assert len(caught.value.problems) == 3


def test_a_policy_that_could_not_be_loaded_may_be_configured() -> None:
    assert read("policies:\n  gone: {off: true}\n", complete=False).policies == {}


def test_what_can_not_be_loaded_refuses_unless_its_pack_is_off() -> None:
    problem = Problem("SyntaxError: no", None, "policies/a.py", 3)
    unloaded = [Unloaded("ours", problem), Unloaded("security", problem)]
    verdicts = list(Book([Pack("ours", None)], {}, plain_configuration(["ours"]), unloaded).unloaded_verdicts())  # type: ignore[arg-type]
    assert [(one.pack, one.refuses, str(one.broken)) for one in verdicts] == [("ours", True, "policies/a.py:3")]


SCOPES = st.sampled_from(["level: mandatory", "level: advisory", "off: true", "off: false", "config: {most: 7}"])


@given(general=SCOPES, kind=SCOPES, environment=SCOPES)
def test_the_nearest_saying_holds(general: str, kind: str, environment: str) -> None:
    """Whatever is said where: of level, off and each key of config, what is said nearest holds."""
    text = (
        f"policies:\n  sizes:\n    {general}\n"
        f"    kinds: {{production: {{{kind}}}}}\n    environments: {{prod: {{{environment}}}}}\n"
    )
    level, config, _, _ = meant(text, "sizes")
    said = dict(saying.split(": ", 1) for saying in (general, kind, environment))
    expected = None if said.get("off") == "true" else said.get("level", "advisory")
    assert level == expected
    assert config["most"] == (7 if "config" in said else 5)


@pytest.mark.parametrize(
    ("verdict", "refuses"),
    [
        (Verdict("p", "mandatory", "", "m", "r"), True),
        (Verdict("p", "advisory", "", "m", "r"), False),
        (Verdict("p", "mandatory", "", "m", "r", waived_by="w1"), False),
        (Verdict("p", "remediate", "", "m", "r"), False),
        (Verdict("p", "remediate", "", "m", "r", broken=None), False),
    ],
)
def test_what_refuses(verdict: Verdict, refuses: bool) -> None:
    assert verdict.refuses is refuses
