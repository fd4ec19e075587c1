"""Policies, how they are meant, and what they say, for a person to read. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roadbed.cli.plan_view import remediation_lines, verdict_lines
from roadbed.cli.style import Style
from roadbed.cli.text import clean, plural, table

if TYPE_CHECKING:
    from roadbed.client.models import (
        Policy,
        PolicyCase,
        PolicyCases,
        PolicyCheck,
        PolicyDetail,
        PolicyListing,
        PolicyMeant,
        PolicyPack,
        PolicyProblem,
        PolicyReport,
    )

_TYPES_LISTED = 2
_COLOURS = {"mandatory": "red", "advisory": "yellow", "remediate": "cyan"}


def listed(found: PolicyListing, style: Style) -> str:
    """The policies that are on, each with its level by environment; then the packs that could be."""
    on = [one for one in found["items"] if one["on"]]
    head = ("POLICY", "PACK", *(name.upper() for name in found["environments"]), "ON", "WHY")
    lines = [table(head, [_row(one) for one in on], style)] if on else ["No policy is on."]
    off = [pack for pack in found["packs"] if not pack["on"]]
    lines += ["", *_packs_off(off)] if off else []
    lines += [line for problem in found["problems"] for line in ("", *_problem(problem, style))]
    return "\n".join(lines)


def _row(one: Policy) -> tuple[str, ...]:
    levels = (meant["level"] or "off" for meant in one["meant"])
    return one["name"], _pack(one), *levels, _judges_briefly(one), _first(one["reason"])


def _pack(one: Policy) -> str:
    return f"{one['pack']} {one['version']}".strip()


def _judges_briefly(one: Policy) -> str:
    """A policy on what clouds have is for dozens of types: two of them say which."""
    more = len(one["types"]) - _TYPES_LISTED
    if one["judges"] != "resource" or more <= 0:
        return _judges(one)
    return f"{', '.join(one['types'][:_TYPES_LISTED])} and {more} more"


def _judges(one: Policy) -> str:
    return ", ".join(one["types"]) if one["judges"] == "resource" else f"the {one['judges']}"


def _first(text: str) -> str:
    """The first sentence, on one line."""
    return " ".join(text.split()).partition(". ")[0].rstrip(".")


def _packs_off(packs: Sequence[PolicyPack]) -> Iterator[str]:
    yield "Not on; name it under `packs:` in policies/policies.yaml:"
    for pack in packs:
        version = f" {pack['version']}" if pack["version"] else ""
        yield clean(f"  {pack['name']}{version} ({_policies(pack['policies'])})  {pack['description']}")


def _policies(count: int) -> str:
    return "1 policy" if count == 1 else f"{count:,} policies"


def _problem(problem: PolicyProblem, style: Style) -> Iterator[str]:
    place = f"{problem['file']}:{problem['line']}: " if problem["file"] else ""
    said = clean(f"{place}{problem['message']}")
    yield f"{style.paint('✗', 'red')} the pack {problem['pack']} can't be loaded, so every plan is refused: {said}"
    if problem["hint"]:
        yield f"  {clean(problem['hint'])}"


def explained(one: PolicyDetail, style: Style) -> str:
    lines = [style.paint(clean(one["name"]), "bold") + f"  {clean(_pack(one))}  {clean(_place(one))}", ""]
    lines += [clean(" ".join(one["reason"].split()))]
    if one["documentation"] and one["documentation"] != one["reason"]:
        lines += ["", *map(clean, one["documentation"].splitlines())]
    if one["remedy"]:
        lines += ["", f"→ {clean(one['remedy'])}"]
    lines += ["", f"It judges {'resources of type ' if one['judges'] == 'resource' else ''}{clean(_judges(one))}."]
    if approvals := one["approvals"]:
        lines += [f"{approvals['count']} × {clean(str(approvals['role']))} may let a violation pass."]
    if not one["on"]:
        lines += [f"It is off: the pack {clean(one['pack'])} is not named under `packs:` in policies/policies.yaml."]
    lines += ["", table(("ENVIRONMENT", "LEVEL", "FROM", "CONFIG"), [_meant(each) for each in one["meant"]], style)]
    for word, cases in (("It refuses", one["refuses"]), ("It lets pass", one["passes"])):
        lines += ["", f"{word}:", *(f"  {_case(each)}" for each in cases)] if cases else []
    return "\n".join(lines)


def _place(one: Policy | PolicyCase) -> str:
    return f"{one['file']}:{one['line']}"


def _meant(one: PolicyMeant) -> tuple[str, ...]:
    config = (f"{key}={_json(value)}{_from(one, key)}" for key, value in one["config"].items())
    level = one["level"] or "off"
    return one["environment"], level, one["level_from"] or "the policy", ", ".join(config)


def _from(one: PolicyMeant, key: str) -> str:
    place = one["config_from"].get(key)
    return f" ({place})" if place else ""


def _case(case: Mapping[str, Any]) -> str:
    """`runtime:Service {"replicas": 1} in production`."""
    what = [case.get("type") or "nothing", _json(case["properties"]) if case.get("properties") else ""]
    what += [f"with {plural(len(case['resources']), 'other resource')}"] if case.get("resources") else []
    what += [f"in {case['kind']}"] if case.get("kind") else []
    what += [f"config {_json(case['config'])}"] if case.get("config") else []
    return clean(" ".join(part for part in what if part))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def checked(found: PolicyCheck, style: Style) -> str:
    lines = [line for verdict in found["verdicts"] for line in (*verdict_lines(verdict, style), "")]
    if remedied := remediation_lines(found["remediations"], style):
        lines = [*remedied[1:], "", *lines]
    count = sum(1 for verdict in found["verdicts"] if verdict.get("refuses"))
    if not found["verdicts"]:
        return "\n".join([*lines, f"No policy objects to {clean(found['stack'])}."])
    said = f"{plural(len(found['verdicts']), 'finding')} on {clean(found['stack'])}"
    return "\n".join([*lines, f"{said}; {f'{count} of them would refuse it' if count else 'none of them refuses it'}."])


def tried(found: PolicyCases, style: Style) -> str:
    """A line for each policy, and one for each case that is not as it should be."""
    lines: list[str] = []
    policies: dict[tuple[str, str], list[PolicyCase]] = {}
    for case in found["items"]:
        policies.setdefault((case["pack"], case["policy"]), []).append(case)
    for (pack, policy), cases in policies.items():
        wrong = [case for case in cases if case["wrong"] is not None]
        mark = style.paint("✗", "red") if wrong else style.paint("✓", "green")
        lines.append(f"{mark} {clean(policy)} ({clean(pack)})  {_counts(cases)}")
        lines += [
            f"    {each['expected']}{_number(each)}: {clean(each['wrong'] or '')}  {_place(each)}" for each in wrong
        ]
    lines += [line for problem in found["problems"] for line in _unrun(problem, style)]
    return "\n".join(lines)


def _counts(cases: Sequence[PolicyCase]) -> str:
    counts = {
        word: sum(1 for case in cases if case["expected"] == word and case["number"]) for word in ("refuses", "passes")
    }
    return ", ".join(f"{word} {count}" for word, count in counts.items())


def _number(case: PolicyCase) -> str:
    return f" {case['number']}" if case["number"] else ""


def _unrun(problem: PolicyProblem, style: Style) -> Iterator[str]:
    place = f"{problem['file']}:{problem['line']}: " if problem["file"] else ""
    yield f"{style.paint('✗', 'red')} {clean(problem['pack'])}: {clean(place + problem['message'])}"
    if problem["hint"]:
        yield f"    {clean(problem['hint'])}"


def failures(found: PolicyCases) -> int:
    return sum(1 for case in found["items"] if case["wrong"] is not None) + len(found["problems"])


def reported(found: PolicyReport, style: Style) -> str:
    judged = plural(found["judged"], "stack")
    if not found["policies"]:
        return f"No policy says anything of the newest plans of {judged}."
    rows = [
        (one["policy"], one["pack"], one["level"], str(one["findings"]), str(one["waived"]), str(one["remedied"]),
         _few(one["stacks"]))
        for one in found["policies"]
    ]  # fmt: skip
    lines = [table(("POLICY", "PACK", "LEVEL", "FINDINGS", "WAIVED", "PUT RIGHT", "STACKS"), rows, style)]
    for stack in found["stacks"]:
        owner = stack["owner"] or "nobody"
        lines += ["", style.paint(clean(stack["stack"]), "bold") + clean(f"  {owner}, plan {stack['plan']}")]
        for verdict in stack["verdicts"]:
            level = style.paint(verdict["level"], _COLOURS.get(verdict["level"], "cyan"))
            source = verdict.get("source")
            place = f"  {source['file']}:{source['line']}" if source else ""
            waived = "  (waived)" if verdict.get("waived_by") else ""
            lines.append(f"  {level} {clean(verdict['policy'])}: {clean(verdict['message'])}{waived}{clean(place)}")
    return "\n".join([*lines, "", f"{judged} looked at, by their newest plans."])


def _few(stacks: Sequence[str]) -> str:
    shown = ", ".join(stacks[:3])
    return f"{shown} and {len(stacks) - 3} more" if len(stacks) > 3 else shown
