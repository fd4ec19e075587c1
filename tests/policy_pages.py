"""Writes docs/reference/policies.md: `python tests/policy_pages.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from policy_packs import PACKS, shipped
from roadbed.policy.domain import PolicyInfo
from roadbed.quotas.described import BUDGET_INFO, QUOTA_INFO
from roadbed.sdk.examples import example_document
from roadbed.sdk.policies import Example, Policy

PAGE = Path(__file__).parents[1] / "docs/reference/policies.md"
_HEAD = """<!-- Written by tests/policy_pages.py from the packs that ship: change those. -->

# Policies that ship

Four packs, each turned on in `policies/policies.yaml`; [Write a policy](../guides/write-a-policy.md) says how levels
and `config` are set there for a kind of environment. `roadbed policy explain NAME` tells of one how it is meant where.
"""


def page() -> str:
    packs = (line for pack in PACKS for line in _pack(pack))
    return "\n".join((_HEAD, *packs, *_built_in((QUOTA_INFO, BUDGET_INFO))))


def _built_in(policies: Iterable[PolicyInfo]) -> Iterator[str]:
    yield "## built-in\n"
    yield "Always on. Roadbed judges them itself: they ask about all that a team has.\n"
    for one in policies:
        yield f"### {one.name}\n"
        yield f"{one.reason} **{one.level.capitalize()}.** What to do: {one.remedy}.\n"
        yield f"{one.documentation}\n"
        yield from (f"- config `{name}`: `{json.dumps(value)}`" for name, value in one.config.items())
        yield f"- refuses: `{json.dumps(one.refuses[0], ensure_ascii=False)}`"
        yield f"- lets pass: `{json.dumps(one.passes[0], ensure_ascii=False)}`\n"


def _pack(pack: str) -> Iterator[str]:
    yield f"## {pack}\n"
    for one in shipped():
        if one.pack == pack:
            yield from _policy(one)


def _policy(one: Policy) -> Iterator[str]:
    yield f"### {one.name}\n"
    yield f"{one.reason} **{one.level.capitalize()}.** What to do: {one.remedy}.\n"
    if one.on == "resource":
        yield f"- judges: {', '.join(f'`{pattern}`' for pattern in one.types)}"
    else:
        yield f"- judges: the {one.on}"
    for name, value in one.config.items():
        yield f"- config `{name}`: `{json.dumps(value)}`"
    yield f"- refuses: {_shown(one.refuses[0])}"
    yield f"- lets pass: {_shown(one.passes[0])}\n"


def _shown(example: Example) -> str:
    told = {key: value for key, value in example_document(example).items() if key != "type"}
    properties = told.pop("properties", {})
    where = "".join(f", {key}: {json.dumps(value)}" for key, value in told.items())
    return f"`{example.type} {json.dumps(properties)}{where}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
