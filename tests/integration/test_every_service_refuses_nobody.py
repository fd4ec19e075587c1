"""Every service asks by itself who is calling: as nobody, each of its methods refuses."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path

import pytest

from composed import arguments, composed, doors
from roadbed.kit.errors import Unauthenticated
from roadbed.storage.database import Database

EXEMPT: Mapping[str, str] = {
    "Logins.with_password": "who logs in is nobody until then",
    "Logins.with_code": "who logs in is nobody until then",
    "Sessions.log_in": "who logs in is nobody until then",
    "Sessions.redeem": "who logs in is nobody until then",
    "Sessions.session": "finds out who is calling",
    "Sessions.log_out": "takes the secret that only the session's holder knows",
    "Tokens.authenticate": "finds out who is calling",
    "Audit.record": "notes what was refused, too; whoever lets something happen has asked before",
    "Tokens.issue": "for identity's own rooms, which have asked before",
    "Logins.issue_code": "for identity's own rooms, which have asked before",
    "Desk.principal": "identity's own: reads an account's grants for a login",
    "Directory.owner": "delivery's own: a step of deploying, which asks with what this finds",
    "Recorder.begin": "runtimes' own: writes down what a door has asked permission for, or the keeper has decided",
    "Recorder.record": "runtimes' own, as the above",
    "Recorder.tell": "runtimes' own, as the above",
    "Events.emit": "says what has happened, by whoever was allowed to do it",
}

DOORS = {"Accounts", "Applications", "Audit", "Builds", "Catalog", "Doctor", "Engine", "Gateway", "GoldenPaths"}
DOORS |= {"Grants", "InForce", "Logins", "Operations", "Platform", "Policies", "Runtimes", "Sessions", "Sources"}
DOORS |= {"ResourceTypes", "StackPlanner", "Stacks", "StateEditor", "States", "Tokens", "Waivers", "Approvals"}
"""Those that must be among the found, so that a walk that misses them is noticed."""


async def test_nobody_is_refused_by_every_method(home: Path, database: Database) -> None:
    found = doors(composed(home, database))
    assert {name.partition(".")[0] for name in found} >= DOORS
    assert EXEMPT.keys() <= found.keys(), "an exemption for something that there isn't"
    let_in = {}
    for name in sorted(found.keys() - EXEMPT.keys()):
        async with database.call(None) as call:
            try:
                answer = found[name](call, **arguments(found[name]))
                if inspect.isasyncgen(answer):
                    await anext(answer)
                elif inspect.isawaitable(answer):
                    await answer
            except Unauthenticated:
                continue
            except Exception as error:
                let_in[name] = repr(error)
            else:
                let_in[name] = "answered"
    assert not let_in, "\n".join(f"{name}: {how}" for name, how in let_in.items())


@pytest.mark.parametrize("name", sorted(EXEMPT))
async def test_an_exemption_says_why(name: str) -> None:
    assert len(EXEMPT[name].split()) > 3
