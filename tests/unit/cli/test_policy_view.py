"""How policies, checks, cases and the report are shown, by equality; and a folder's cases are run as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roadbed.cli.main import run
from roadbed.cli.policy_view import checked, explained, failures, listed, reported, tried
from roadbed.cli.style import PLAIN

PLACE = {"file": "roadbed.py", "line": 4}
POLICY: dict[str, Any] = {
    "name": "enough-replicas",
    "pack": "ours",
    "version": "1.2.0",
    "on": True,
    "level": "advisory",
    "judges": "resource",
    "types": ["runtime:Service"],
    "reason": "One is none. It comes back late.",
    "remedy": "raise the scale",
    "meant": [
        {"environment": "dev", "kind": "development", "level": None, "level_from": "policies/policies.yaml:7",
         "config": {"min": 2}, "config_from": {}},
        {"environment": "prod", "kind": "production", "level": "mandatory", "level_from": "policies/policies.yaml:9",
         "config": {"min": 3}, "config_from": {"min": "policies/policies.yaml:10"}},
    ],
    "file": "policies/ours/scale.py",
    "line": 12,
    "documentation": "",
    "config": {"min": 2},
    "approvals": {"count": 2, "role": "operator"},
    "refuses": [{"type": "runtime:Service", "properties": {"replicas": 1}}],
    "passes": [{"type": "runtime:Service", "kind": "test", "config": {"min": 1}}],
}  # fmt: skip
PACK = {"name": "security", "version": "1.0.0", "description": "Closed.", "installed": True, "on": False, "policies": 4}
VERDICT: dict[str, Any] = {
    "policy": "enough-replicas", "pack": "ours", "level": "mandatory", "resource": "orders@prod/web#runtime:Service",
    "message": "it runs alone", "remedy": "raise the scale", "reason": "One is none.", "refuses": True,
    "waived_by": None, "source": PLACE, "broken": None,
}  # fmt: skip


def test_the_list() -> None:
    problem = {"pack": "ours", "message": "SyntaxError: no", "hint": None, "file": "policies/ours/a.py", "line": 3}
    found: Any = {"items": [POLICY], "packs": [PACK], "environments": ["dev", "prod"], "problems": [problem]}
    assert (
        listed(found, PLAIN)
        == """\
POLICY            PACK         DEV   PROD        ON                WHY
enough-replicas   ours 1.2.0   off   mandatory   runtime:Service   One is none

Not on; name it under `packs:` in policies/policies.yaml:
  security 1.0.0 (4 policies)  Closed.

✗ the pack ours can't be loaded, so every plan is refused: policies/ours/a.py:3: SyntaxError: no"""
    )


def test_one_policy() -> None:
    found: Any = POLICY
    assert (
        explained(found, PLAIN)
        == """\
enough-replicas  ours 1.2.0  policies/ours/scale.py:12

One is none. It comes back late.

→ raise the scale

It judges resources of type runtime:Service.
2 × operator may let a violation pass.

ENVIRONMENT   LEVEL       FROM                       CONFIG
dev           off         policies/policies.yaml:7   min=2
prod          mandatory   policies/policies.yaml:9   min=3 (policies/policies.yaml:10)

It refuses:
  runtime:Service {"replicas": 1}

It lets pass:
  runtime:Service in test config {"min": 1}"""
    )


def test_a_check() -> None:
    found: Any = {"stack": "orders@prod", "refused": True, "verdicts": [VERDICT], "remediations": []}
    assert (
        checked(found, PLAIN)
        == """\
  mandatory enough-replicas: orders@prod/web#runtime:Service: it runs alone  roadbed.py:4
    → raise the scale
    why: One is none.

1 finding on orders@prod; 1 of them would refuse it."""
    )
    content: Any = {**found, "verdicts": [], "refused": False}
    assert checked(content, PLAIN) == "No policy objects to orders@prod."


def test_the_report() -> None:
    line = {
        "policy": "enough-replicas",
        "pack": "ours",
        "level": "mandatory",
        "findings": 2,
        "waived": 1,
        "remedied": 0,
    }
    stack = {"stack": "orders@prod", "owner": None, "environment": "prod", "plan": 4, "verdicts": [VERDICT]}
    stacks = [f"{name}@prod" for name in ("a", "b", "c", "d")]
    found: Any = {"judged": 9, "policies": [{**line, "stacks": stacks}], "stacks": [stack]}
    assert (
        reported(found, PLAIN)
        == """\
POLICY            PACK   LEVEL       FINDINGS   WAIVED   PUT RIGHT   STACKS
enough-replicas   ours   mandatory   2          1        0           a@prod, b@prod, c@prod and 1 more

orders@prod  nobody, plan 4
  mandatory enough-replicas: it runs alone  roadbed.py:4

9 stacks looked at, by their newest plans."""
    )
    nothing: Any = {"judged": 9, "policies": [], "stacks": []}
    assert reported(nothing, PLAIN) == "No policy says anything of the newest plans of 9 stacks."


def test_cases() -> None:
    case = {
        "policy": "p",
        "pack": "ours",
        "expected": "refuses",
        "number": 1,
        "wrong": None,
        "said": [],
        "file": "a.py",
    }
    wrong = {**case, "expected": "passes", "wrong": "it is to let this pass, and says: no", "line": 7}
    found: Any = {"items": [{**case, "line": 7}, wrong], "problems": []}
    assert tried(found, PLAIN) == (
        "✗ p (ours)  refuses 1, passes 1\n    passes 1: it is to let this pass, and says: no  a.py:7"
    )
    assert failures(found) == 1


CASES = ", refuses=Example('x:A', {'bad': 1}), passes=Example('x:A')"
GOOD = """\
from roadbed.sdk import policy
from roadbed.sdk.policies import Example
@policy('p', reason='so', remedy='do', refuses=Example('x:A', {'bad': 1}), passes=Example('x:A'))
def p(resource, context):
    if resource.get('bad'):
        yield 'bad'
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "pack.yaml").write_text("name: ours\nversion: 1.0.0\n")
    (folder / "rules.py").write_text(GOOD)
    return folder


def test_the_cases_of_a_pack_are_run_without_a_platform(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "test", str(pack), "-o", "json"]) == 0
    cases = json.loads(capsys.readouterr().out)["items"]
    assert [(one["policy"], one["pack"], one["expected"], one["wrong"]) for one in cases] == [
        ("p", "ours", "refuses", None),
        ("p", "ours", "passes", None),
    ]


WRONG_FOLDERS = [
    ("nothing there", {}, 2, "there are no policies in"),
    ("another name", {"pack.yaml": "name: theirs\nversion: '1'\n"}, 2, "name must be 'ours', as the folder is called"),
    ("no version", {"pack.yaml": "name: ours\n"}, 2, "version is missing"),
    ("a syntax error", {"bad.py": "def\n"}, 1, "bad.py:1: SyntaxError"),
    ("a policy without a reason", {"bad.py": GOOD.replace("reason='so', ", "")}, 1, "gives no reason"),
    ("a policy without cases", {"bad.py": GOOD.replace(CASES, "")}, 1, "it brings no case"),
    ("a case that goes the other way", {"bad.py": GOOD.replace("{'bad': 1}", "{}")}, 1, "says nothing"),
    ("a policy that raises", {"bad.py": GOOD.replace(".get('bad')", ".properties['bad']")}, 1, "KeyError('bad')"),
    ("a policy that ends the process", {"bad.py": GOOD + "import os\nos._exit(3)\n"}, 1, "ended the process"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "code", "said"), [case[1:] for case in WRONG_FOLDERS],
                         ids=[case[0] for case in WRONG_FOLDERS])  # fmt: skip
def test_what_is_wrong_in_a_folder_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], code: int, said: str
) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    assert run(["policy", "test", str(folder)]) == code
    printed = capsys.readouterr()
    assert said in printed.out + printed.err
    assert "Traceback" not in printed.out + printed.err


def test_a_folder_that_was_named_by_mistake_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(501):
        (tmp_path / f"program_{number}.py").touch()
    assert run(["policy", "test", str(tmp_path)]) == 2
    assert "all of them would be run" in capsys.readouterr().err
