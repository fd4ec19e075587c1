"""The shipped policies say what the table of actions says, to the letter."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import product

import pytest
from cedarpy import validate_policies

from roadbed.identity.actions import ACTIONS, ROLES, Action, at_least
from roadbed.identity.authorisation import Authoriser, policy_text
from roadbed.identity.errors import NotAllowed
from roadbed.kit.access import EVERYTHING, Grant, Principal, Role, Target, may, system, visible_owners
from roadbed.kit.errors import NotFound, Unauthenticated

AUTHORISER = Authoriser()
authorise = AUTHORISER.authorise
PAYMENTS, OTHERS = "group:default/payments", "group:default/others"
KINDS = ("development", "test", "production", None)


def holder(role: Role, scope: str = EVERYTHING) -> Principal:
    return Principal("user", "ada", grants=(Grant(role, scope),))


def target(kind: str | None = "development", owner: str | None = PAYMENTS) -> Target:
    return Target("application", "orders", owner=owner, environment="dev", attributes={"kind": kind} if kind else {})


def expected(action: Action, role: Role, scope: str, kind: str | None) -> bool:
    """What the table says of a target that `PAYMENTS` owns."""
    needed = action.role if kind in {"development", "test"} else action.production or action.role
    if needed is None or role not in at_least(needed):
        return False
    return action.reach == "anywhere" or scope in {EVERYTHING, PAYMENTS}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: action.name)
def test_policies_agree_with_the_table(action: Action) -> None:
    for role, scope, kind in product(ROLES, (EVERYTHING, PAYMENTS, OTHERS), KINDS):
        allowed = may(authorise, holder(role, scope), action.name, target(kind))
        assert allowed == expected(action, role, scope, kind), (role, scope, kind)


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_and_who_has_no_role_are_refused(action: str) -> None:
    with pytest.raises(Unauthenticated):
        authorise(None, action, target())
    assert not may(authorise, Principal("user", "eve"), action, target())


@pytest.mark.parametrize("action", ACTIONS)
def test_a_role_in_a_group_does_not_reach_what_nobody_owns(action: str) -> None:
    if ACTIONS[action].reach == "scope":
        assert not may(authorise, holder("owner", PAYMENTS), action, target(owner=None))


@pytest.mark.parametrize("seen", [action.seen_by for action in ACTIONS.values() if action.seen_by])
def test_the_action_that_shows_a_target_is_known(seen: str) -> None:
    assert seen.endswith(".view")
    assert seen in ACTIONS


def test_the_policies_fit_their_schema_and_it_names_every_action() -> None:
    schema = (files("roadbed.identity") / "policies" / "schema.cedarschema").read_text()
    result = validate_policies(policy_text(), schema)
    assert result.validation_passed, [str(error) for error in result.errors]
    assert sorted(re.findall(r'"([^"]+)"', schema.partition("\naction\n")[2])) == sorted(ACTIONS)


def test_the_platform_acts_for_itself_but_manages_no_accounts() -> None:
    gateway = system("gateway")
    allowed = {action for action in ACTIONS if may(authorise, gateway, action, target("production"))}
    assert {"gateway.change", "runtime.change", "backing.change", "group.sync"} <= allowed
    assert not allowed & {"user.manage", "token.manage", "grant.manage", "audit.view", "application.deploy"}


def test_what_may_not_be_seen_does_not_exist() -> None:
    with pytest.raises(NotFound, match="there is no application orders"):
        authorise(holder("owner", OTHERS), "application.deploy", target())


def test_what_may_be_seen_but_not_done_says_what_it_takes() -> None:
    with pytest.raises(NotAllowed) as caught:
        authorise(holder("developer", PAYMENTS), "application.deploy", target("production"))
    assert caught.value.message == (
        "user:ada may not deploy application orders in dev: that takes the role operator for group:default/payments"
    )
    assert caught.value.hint == "ask an owner of the platform for the role operator"


def test_nobody_changes_the_world_by_hand() -> None:
    with pytest.raises(NotAllowed, match="only the platform itself"):
        authorise(holder("owner"), "gateway.change", Target("gateway"))


def test_everybody_manages_the_own_tokens_and_no_other() -> None:
    eve = Principal("user", "eve")
    authorise(eve, "token.manage", Target("token", "rbt_1", attributes={"user": "user:eve"}))
    with pytest.raises(NotFound):
        authorise(eve, "token.manage", Target("token", "rbt_2", attributes={"user": "user:ada"}))


def test_an_unknown_action_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        authorise(None, "application.explode", target())


def test_lists_are_filtered_by_the_groups_that_may_be_seen() -> None:
    both = Principal("user", "ada", grants=(Grant("viewer", PAYMENTS), Grant("operator", OTHERS)))
    assert visible_owners(authorise, both, "application.view", "application") == frozenset({PAYMENTS, OTHERS})
    assert visible_owners(authorise, both, "audit.view", "audit") == frozenset({OTHERS})
    assert visible_owners(authorise, holder("viewer"), "application.view", "application") is None
    with pytest.raises(Unauthenticated):
        visible_owners(authorise, None, "application.view", "application")
