"""Plan, apply, destroy and the state of stacks, against a platform that answers as the API says."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.platform_api import FakePlatform, operation
from fakes.platform_api import step as operation_step
from fakes.stacks_api import STACK, change, entry, plan, step, urn
from roadbed.cli import follow
from roadbed.cli.journal import Journal
from roadbed.client.client import Client
from roadbed.kit.errors import Conflict, InvalidInput, Problem, Unavailable

Run = Callable[..., Any]
PLANS = f"/stacks/{STACK}/plans"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts somebody at the keyboard who types that."""
    return lambda text: monkeypatch.setattr(sys, "stdin", Terminal(text + "\n"))


@pytest.fixture
def changing(platform: FakePlatform) -> FakePlatform:
    """A platform whose plan makes one thing and changes another."""
    platform.plan = plan(
        step("vpc", "create", change("value", None, "x")),
        step("main/subnet", "update", change("value", "x", "y")),
        unchanged=7,
    )
    result = {"stack": STACK, "plan": 4, "summary": platform.plan["summary"]}
    platform.operations["op_1"] = operation(kind="stack.apply", title="Apply plan 4", steps=[], result=result)
    return platform


class TestPlan:
    def test_nothing_to_change_is_one_line(self, roadbed: Run, platform: FakePlatform) -> None:
        platform.plan = plan(unchanged=5000)
        result = roadbed("plan", STACK, "--refresh")
        assert result == (type(result))(0, "Nothing to change: 5,000 resources of network@dev as declared.\n", "")

    def test_what_stays_does_not_travel(self, roadbed: Run, platform: FakePlatform) -> None:
        roadbed("plan", STACK)
        roadbed("plan", STACK, "-o", "json")
        roadbed("plan", STACK, "-o", "json", "--detail")
        assert [request.query for request in platform.asked("POST", PLANS)] == [
            {"all": "false"},
            {"all": "false"},
            {"all": "true"},
        ]

    def test_says_how_to_apply_it(self, roadbed: Run, changing: FakePlatform) -> None:
        result = roadbed("plan", STACK)
        assert result.code == 0
        assert result.out.startswith("Plan 4 of network@dev\n")
        assert result.out.endswith("\n1 to create, 1 to update; 7 unchanged.\n")
        assert result.err == "To apply it: roadbed apply network@dev --plan 4\n"

    def test_asks_for_what_was_said(self, roadbed: Run, platform: FakePlatform) -> None:
        options = ("-t", "a", "--target", "b/*", "--target-dependents", "--replace", "c", "--refresh", "--destroy")
        roadbed("plan", STACK, *options)
        (asked,) = platform.asked("POST", PLANS)
        assert asked.body == {
            "targets": ["a", "b/*"],
            "target_dependents": True,
            "replace": ["c"],
            "refresh": True,
            "destroy": True,
        }

    def test_json_is_the_plan(self, roadbed: Run, changing: FakePlatform) -> None:
        result = roadbed("plan", STACK, "-o", "json")
        assert (result.code, result.err, result.json) == (0, "", changing.plan)

    @pytest.mark.parametrize(
        ("words", "code", "says"),
        [
            (("plan", "netwrok@dev"), 4, ("there is no stack 'netwrok@dev'", "did you mean network@dev?")),
            (("plan", "Network@dev"), 2, ("'Network' is not a valid name",)),
            (("plan", "network@"), 2, ("the environment '' is not a valid name",)),
            (("plan", STACK, "-e", "prod"), 2, ("contradict each other",)),
            (("plan", STACK, "--target-dependents"), 2, ("--target-dependents says nothing without --target",)),
            (("apply", STACK, "--target-dependents", "--yes"), 2, ("says nothing without --target", "name one")),
            (("plan", ".", "--refresh"), 2, ("--refresh is for the plan of a stack", "NAME@ENV")),
            (("plan", "nowhere"), 2, ("nowhere does not exist",)),
        ],
    )
    def test_wrong_words(self, roadbed: Run, words: tuple[str, ...], code: int, says: tuple[str, ...]) -> None:
        result = roadbed(*words)
        assert (result.code, result.out) == (code, "")
        for text in says:
            assert text in result.err

    def test_the_environment_of_the_shell_contradicts_nothing(
        self, roadbed: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ROADBED_ENVIRONMENT", "prod")
        assert roadbed("plan", STACK).code == 0

    def test_what_is_refused_names_each_place(self, roadbed: Run, platform: FakePlatform) -> None:
        places = [Problem("db is protected", file="modules/network/roadbed.py", line=9), Problem("so is key")]
        platform.answers["POST", PLANS] = InvalidInput("2 resources are protected", problems=places)
        result = roadbed("plan", STACK, "--destroy")
        assert result.code == 2
        assert "  modules/network/roadbed.py:9: db is protected\n  so is key\n" in result.err


class TestApply:
    def test_shows_asks_and_applies(self, roadbed: Run, changing: FakePlatform, typed: Callable[[str], None]) -> None:
        typed("y")
        changing.journal = [entry(1, "vpc", "began"), entry(2, "vpc", "succeeded")]
        result = roadbed("apply", STACK)
        assert result.code == 0
        assert "Plan 4 of network@dev\n" in result.out
        assert "\nnetwork@dev is as plan 4 says: 1 created, 1 updated (" in result.out
        assert "Apply it? [y/N]" in result.err
        assert "✓ vpc  core:Data  created" in result.err
        assert len(changing.asked("POST", f"{PLANS}/4/apply")) == 1

    def test_a_no_changes_nothing(self, roadbed: Run, changing: FakePlatform, typed: Callable[[str], None]) -> None:
        typed("")
        result = roadbed("apply", STACK)
        assert result.code == 3
        assert "nothing was changed" in result.err
        assert "roadbed apply network@dev --plan 4" in result.err
        assert changing.asked("POST", f"{PLANS}/4/apply") == []

    def test_where_nobody_can_be_asked(self, roadbed: Run, changing: FakePlatform) -> None:
        result = roadbed("apply", STACK)
        assert result.code == 2
        assert "roadbed apply network@dev --plan 4 --yes" in result.err
        assert changing.asked("POST", f"{PLANS}/4/apply") == []

    def test_json(self, roadbed: Run, changing: FakePlatform) -> None:
        result = roadbed("apply", STACK, "--yes", "-o", "json")
        assert (result.code, result.err) == (0, "")
        assert result.json.items() >= {"stack": STACK, "plan": 4, "status": "succeeded"}.items()
        assert result.json["summary"]["create"] == 1
        assert isinstance(result.json["duration_s"], float)

    def test_nothing_to_change_asks_nothing(self, roadbed: Run, platform: FakePlatform) -> None:
        assert roadbed("apply", STACK).code == 0
        assert roadbed("apply", STACK, "-o", "json").json["status"] == "unchanged"
        assert platform.asked("POST", f"{PLANS}/4/apply") == []

    def test_a_plan_made_before(self, roadbed: Run, changing: FakePlatform) -> None:
        assert roadbed("apply", STACK, "--plan", "4", "--yes").code == 0
        assert changing.asked("POST", PLANS) == []
        assert [request.query for request in changing.asked("GET", f"{PLANS}/4")] == [{"all": "false"}]
        late = roadbed("apply", STACK, "--plan", "4", "--refresh", "--yes")
        assert late.code == 2
        assert "--refresh comes too late" in late.err

    def test_a_stale_plan(self, roadbed: Run, changing: FakePlatform) -> None:
        changing.answers["POST", f"{PLANS}/4/apply"] = Conflict("plan 4 is stale", hint="plan again")
        result = roadbed("apply", STACK, "--plan", "4", "--yes")
        assert result.code == 1
        assert result.err.endswith("✗ plan 4 is stale\n  → plan again\n")

    def test_detached(self, roadbed: Run, changing: FakePlatform) -> None:
        result = roadbed("apply", STACK, "--yes", "--detach")
        assert result.code == 0
        assert result.out.endswith("\nop_1\n")
        assert "roadbed ops show op_1 --follow" in result.err

    def test_a_policy_forbids_it(self, roadbed: Run, changing: FakePlatform) -> None:
        verdict = {"policy": "no-public", "level": "mandatory", "resource": urn("vpc"), "message": "m", "remedy": "r"}
        changing.plan["verdicts"] = [verdict]
        result = roadbed("apply", STACK, "--yes")
        assert result.code == 3
        assert "breaks a policy: no-public" in result.err
        assert changing.asked("POST", f"{PLANS}/4/apply") == []

    def test_a_plan_that_a_policy_forbids_is_shown_and_ends_so(self, roadbed: Run, changing: FakePlatform) -> None:
        verdict = {"policy": "no-public", "level": "mandatory", "resource": urn("vpc"), "message": "m", "remedy": "r"}
        changing.plan["verdicts"] = [verdict]
        result = roadbed("plan", STACK)
        assert (result.code, "To apply it" in result.err) == (3, False)
        assert "Plan 4 of network@dev" in result.out

    def test_changes_that_are_not_expected(self, roadbed: Run, changing: FakePlatform) -> None:
        assert roadbed("plan", STACK, "--expect-no-changes").code == 1
        assert roadbed("stack", "drift", STACK, "--expect-no-changes").code == 1

    def test_failures_are_told_at_once_and_at_the_end(self, roadbed: Run, changing: FakePlatform) -> None:
        problems = [{"detail": "subnet: no room", "hint": "make some", "file": "roadbed.py", "line": 3}]
        error = {"code": "apply_failed", "exit_code": 1, "detail": "1 of 2 steps failed", "problems": problems}
        changing.operations["op_1"] = operation("failed", steps=[], error=error)
        changing.journal = [
            entry(1, "vpc", "began"),
            entry(2, "vpc", "succeeded"),
            entry(3, "main/subnet", "began", "update"),
            entry(4, "main/subnet", "failed", "update", "no room"),
        ]
        result = roadbed("apply", STACK, "--yes")
        assert result.code == 1
        assert "✗ main/subnet  core:Data  updating failed" in result.err
        assert "\n  no room\n1 done, 1 failed (" in result.err
        assert result.err.endswith("✗ 1 of 2 steps failed\n  roadbed.py:3: subnet: no room\n    → make some\n")

    @pytest.mark.parametrize("way", ["text", "json"])
    def test_a_cancelled_one_says_how_far_it_came_and_how_to_go_on(
        self, roadbed: Run, changing: FakePlatform, way: str
    ) -> None:
        steps = [operation_step("apply", done=1, total=2)]
        changing.operations["op_1"] = operation("cancelled", kind="stack.apply", title="Apply plan 4", steps=steps)
        changing.journal = [entry(1, "vpc", "began"), entry(2, "vpc", "succeeded")]
        changing.plan["options"] |= {"targets": ["subnets/*"]}
        result = roadbed("apply", STACK, "--yes", "-o", way)
        assert result.code == 1
        assert ("1 done, 0 failed, 1 not begun" if way == "text" else "1 of 2 steps had ended") in result.err
        hint = "what was done is recorded; to go on from there: roadbed apply network@dev --target 'subnets/*'"
        assert hint in result.err
        assert "what ran before" not in result.err
        assert "plan again to go on from there" in roadbed("ops", "show", "op_1", "--follow").err

    def test_an_interruption_leaves_the_work_alone(
        self, roadbed: Run, changing: FakePlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_: object, **__: object) -> Iterator[None]:
            yield None
            raise KeyboardInterrupt

        monkeypatch.setattr(follow, "watch", interrupted)
        result = roadbed("apply", STACK, "--yes")
        assert result.code == 130
        assert "roadbed ops show op_1 --follow" in result.err
        assert "roadbed ops cancel op_1" in result.err
        assert changing.asked("POST", "/operations/op_1/cancel") == []

    def test_the_end_of_the_journal_is_told_though_the_stream_broke(self, roadbed: Run, changing: FakePlatform) -> None:
        path = f"{PLANS}/4/progress"
        changing.journal = [entry(1, "vpc", "began"), entry(2, "vpc", "succeeded")]
        changing.answers["GET", path] = Unavailable("it is away")
        journal = Journal(Client.found(), STACK, 4)
        assert journal.take() == []
        del changing.answers["GET", path]
        assert [each["id"] for each in journal.rest()] == [1, 2]
        assert journal.rest() == []

    @pytest.mark.parametrize(("there", "says"), [(True, "roadbed deploy orders"), (False, "owner@environment")])
    def test_a_source_tree_is_deployed(self, roadbed: Run, tmp_path: Path, there: bool, says: str) -> None:
        if there:
            (tmp_path / "orders").mkdir()
        result = roadbed("apply", "orders")
        assert result.code == 2
        assert says in result.err


class TestDestroy:
    @pytest.fixture
    def ending(self, platform: FakePlatform) -> FakePlatform:
        platform.plan = plan(
            step("vpc", "delete"), step("logs", "retain"), options={"destroy": True, "refresh": False, "targets": []}
        )
        platform.operations["op_1"] = operation(steps=[], result=None)
        return platform

    def test_a_module_s_stack(self, roadbed: Run, ending: FakePlatform, typed: Callable[[str], None]) -> None:
        typed(STACK)
        result = roadbed("destroy", STACK)
        assert result.code == 0
        assert ending.asked("POST", PLANS)[0].body["destroy"] is True
        assert "Plan 4 of network@dev, to destroy it\n" in result.out
        assert "network@dev is gone: 1 resource deleted, 1 resource let go (" in result.out
        assert "1 resource will be let go and not deleted" in result.err

    def test_another_name_deletes_nothing(
        self, roadbed: Run, ending: FakePlatform, typed: Callable[[str], None]
    ) -> None:
        typed("network")
        assert roadbed("destroy", STACK).code == 3
        assert ending.asked("POST", f"{PLANS}/4/apply") == []

    def test_an_application_s_stack(self, roadbed: Run, platform: FakePlatform) -> None:
        platform.operations["op_1"] = operation(result=None)
        assert roadbed("destroy", "orders@dev", "--yes").out == "orders is gone from dev.\n"
        assert [request.query for request in platform.asked("DELETE", "/applications/orders")] == [
            {"environment": "dev", "final_backups": "true"}
        ]

    def test_an_unknown_stack(self, roadbed: Run) -> None:
        result = roadbed("destroy", "netwok@dev", "--yes")
        assert (result.code, "did you mean network@dev?" in result.err) == (4, True)


SHOWN = {
    ("list",): ("network@dev", "module", "platform", "1 changed", "orders@dev"),
    ("show", STACK): ("The network of all", "main/subnet", "roadbed apply network@dev --plan 4", "every 30m 00s"),
    ("show", STACK, "subnet"): ("network@dev/main/subnet#core:Data", "(secret)", "modules/network/roadbed.py:3"),
    ("history", STACK): ("apply", "succeeded", "user:ada", "2 create"),
    ("history", STACK, "-r", "subnet"): ("update by plan 3  failed\n  no room\n", 'value  (none) → "x"'),
    ("plans", STACK): ("open", "2 update", "--refresh --target-dependents --target main/*", "applied", "a deploy"),
    ("outputs", STACK): ("vpc_id", '"vpc-1"', "orders@dev", "••••••"),
    ("outputs", STACK, "vpc_id"): ("vpc-1\n",),
    ("drift", STACK, "--last"): (
        "~ vpc  core:Data",
        'value  "x" → "y"',
        "- main/subnet  core:Data  (gone)",
        "--refresh",
    ),
    ("move", STACK, "subnet", "--to", "main/subnet", "--yes"): ("→ network@dev/main/subnet#core:Data",),
    ("forget", STACK, "subnet", "--yes"): ("is forgotten",),
}


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_shows_what_the_platform_says(words: tuple[str, ...], roadbed: Run) -> None:
    result = roadbed("stack", *words)
    assert (result.code, result.err) == (0, "")
    for text in SHOWN[words]:
        assert text in result.out
    assert isinstance(roadbed("stack", *words, "-o", "json").json, dict)


def test_forgetting_says_how_to_take_up_again(
    roadbed: Run, platform: FakePlatform, typed: Callable[[str], None]
) -> None:
    typed("n")
    result = roadbed("stack", "forget", STACK, "subnet")
    assert result.code == 3
    assert "in the world they stay. What is declared with `import_` is taken up again." in result.err


def test_drift_looks_first(roadbed: Run, platform: FakePlatform) -> None:
    assert "Drift of network@dev" in roadbed("stack", "drift", STACK).out
    assert len(platform.asked("POST", f"/stacks/{STACK}/drift")) == 1


def test_refresh(roadbed: Run, platform: FakePlatform) -> None:
    assert roadbed("stack", "refresh", STACK).out.startswith("The state of network@dev says what there is (")
    assert roadbed("stack", "refresh", STACK, "-o", "json").json["status"] == "succeeded"
    assert roadbed("stack", "refresh", STACK, "--detach").out == "op_1\n"


def test_a_state_goes_out_and_in_again(roadbed: Run, platform: FakePlatform, tmp_path: Path) -> None:
    document = roadbed("stack", "export", STACK).json
    assert roadbed("stack", "export", STACK, "--file", str(tmp_path / "state.json")).out == ""
    assert json.loads((tmp_path / "state.json").read_text()) == document
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0
    assert "holds 2 resources" in roadbed("stack", "import", STACK, "state.json", "--yes").out
    (asked,) = platform.asked("POST", f"/stacks/{STACK}/import")
    assert asked.body == {"document": document, "replace": False}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("show", "netwok@dev"), 4, "did you mean network@dev?"),
        (("show", STACK, "nothing"), 4, "has no resource 'nothing'"),
        (("outputs", STACK, "nothing"), 4, "it exports: vpc_id, token"),
        (("outputs", STACK, "token"), 3, "'token' of network@dev is secret"),
        (("history", "network"), 2, "owner@environment"),
        (("forget", STACK, "subnet"), 2, "add --yes"),
        (("move", STACK, "subnet", "--to", "main/subnet"), 2, "add --yes"),
        (("import", STACK, "nowhere.json", "--yes"), 2, "nowhere.json"),
        (("import", STACK, "broken.json", "--yes"), 2, "broken.json:2:1: is no JSON"),
        (("import", STACK, "list.json", "--yes"), 2, "holds no object"),
        (("lsit",), 2, "no such command"),
    ],
)
def test_wrong_words(roadbed: Run, tmp_path: Path, words: tuple[str, ...], code: int, says: str) -> None:
    (tmp_path / "broken.json").write_text("{\n")
    (tmp_path / "list.json").write_text("[]")
    result = roadbed("stack", *words)
    assert (result.code, result.out) == (code, "")
    assert says in result.err
