"""What `roadbed stack` shows. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from roadbed.cli.plan_diff import difference, holds_unknown, recorded, text_of
from roadbed.cli.plan_tree import path_of
from roadbed.cli.style import PLAIN, Style
from roadbed.cli.text import ago, clean, duration, entity, number, pairs, plural, shorten, table, width

if TYPE_CHECKING:
    from roadbed.client.models import (
        DriftedResource,
        DriftReport,
        DriftSummary,
        Listing,
        PropertyChange,
        Stack,
        StackChange,
        StackOutput,
        StackPlan,
        StackResource,
    )

_MANY = 50
_FEW = 3
_VALUE_COLUMNS = 60
_DRIFT = {"changed": ("~", "yellow"), "gone": ("-", "red"), "unreadable": ("?", "magenta")}


def stack_table(listing: Listing[Stack], style: Style = PLAIN) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            item["stack"],
            item["kind"],
            number(item["resources"]),
            entity(item["owner"]),
            f"applying plan {item['applying']}" if item["applying"] else drifted(item["drift"]),
            ago(item["updated_at"], now),
        )
        for item in listing["items"]
    ]
    return table(("STACK", "KIND", "RESOURCES", "OWNER", "DRIFT", "CHANGED"), rows, style)


def drifted(found: DriftSummary | None) -> str | None:
    """`none`, `2 changed, 1 gone`, `unknown` since the state changed after the look; None while nobody has looked."""
    if found is None:
        return None
    if found.get("stale"):
        return "unknown"
    counts = (("changed", found["changed"]), ("gone", found["gone"]), ("unreadable", found["unreadable"]))
    return ", ".join(f"{number(count)} {word}" for word, count in counts if count) or "none"


def stack_view(found: Mapping[str, Any], style: Style = PLAIN, *, detail: bool = False) -> str:
    now = datetime.now(UTC)
    every = found.get("drift_every")
    facts = [
        ("Kind", found["kind"]),
        ("About", found.get("description")),
        ("Owner", entity(found["owner"])),
        ("Release", found.get("release")),
        ("Resources", number(found["resources"])),
        ("Serial", found["serial"]),
        ("Applying", f"plan {found['applying']}" if found["applying"] else None),
        ("Planned", f"roadbed apply {found['stack']} --plan {found['plan']}" if found.get("plan") else None),
        ("Drift", _looked(found["drift"], now)),
        ("Looked for", f"every {duration(every)}, to {found.get('drift_action')}" if every else None),
        ("Changed", ago(found["updated_at"], now) if found["updated_at"] else None),
    ]
    parts = [style.paint(found["stack"], "bold"), pairs(facts, style)]
    if found["items"]:
        shown = _kinds if len(found["items"]) > _MANY and not detail else _resources
        parts += ["", shown(found["items"], style)]
    return "\n".join(parts)


def _looked(found: DriftSummary | None, now: datetime) -> str | None:
    if found is None:
        return None
    since = "; the state has changed since" if found.get("stale") else ""
    return f"{drifted(found)}: looked {ago(found['at'], now)}{since}"


def _resources(items: list[StackResource], style: Style) -> str:
    rows = [("/".join(path_of(item["urn"])), item["type"], _state(item), item["id"]) for item in items]
    return table(("RESOURCE", "TYPE", "STATE", "ID"), rows, style)


def _state(item: StackResource) -> str:
    """`update failed` of what stands, but perhaps not as it is recorded."""
    unsure = item["state"] == "created" and holds_unknown(item["properties"])
    return "update failed" if unsure else item["state"]


def _kinds(items: list[StackResource], style: Style) -> str:
    """Of very many only how many there are of each type; what is not well is still named."""
    counts = Counter(item["type"] for item in items)
    text = table(("TYPE", "RESOURCES"), [(kind, number(count)) for kind, count in counts.most_common()], style)
    unwell = [item for item in items if _state(item) != "created"][:_MANY]
    below = f"\n\n{_resources(unwell, style)}" if unwell else ""
    return f"{text}{below}\n\n{style.paint('--detail shows each', 'dim')}"


def resource_view(item: StackResource, style: Style = PLAIN) -> str:
    source = item.get("source")
    facts = [
        ("URN", item["urn"]),
        ("State", _state(item)),
        ("ID", item["id"]),
        ("Protected", "yes" if item.get("protect") else None),
        ("Declared", f"{source['file']}:{source.get('line') or ''}".rstrip(":") if source else None),
    ]
    parts = [style.paint(item["name"], "bold"), pairs(facts, style)]
    secret = dict.fromkeys(item["secret_outputs"], "(secret)")
    for title, rows in (
        ("Properties", {name: text_of(recorded(value)) for name, value in item["properties"].items()}),
        ("Outputs", {name: text_of(value) for name, value in item["outputs"].items()} | secret),
        ("Depends on", dict.fromkeys(item["depends_on"], "")),
    ):
        if rows:
            parts += ["", style.paint(title, "bold"), *_indented(rows)]
    return "\n".join(parts)


def _indented(rows: Mapping[str, str]) -> Iterator[str]:
    longest = max(map(width, rows))
    for name, value in rows.items():
        yield f"  {clean(name)}{' ' * (longest - width(name))}  {value}".rstrip()


def history_table(listing: Listing[StackChange], style: Style = PLAIN) -> str:
    now = datetime.now(UTC)
    rows = [
        (ago(item["at"], now), item["action"], item["plan"], item["outcome"], item["by"], _summed(item["summary"]))
        for item in listing["items"]
    ]
    return table(("WHEN", "WHAT", "PLAN", "OUTCOME", "BY", "CHANGES"), rows, style)


def plans_table(listing: Listing[StackPlan], style: Style = PLAIN) -> str:
    now = datetime.now(UTC)
    rows = [
        (item["number"], ago(item["created_at"], now), item["created_by"], item["state"],
         _summed(item["summary"]) or "nothing", _asked(item["wish"]))
        for item in listing["items"]
    ]  # fmt: skip
    return table(("PLAN", "MADE", "BY", "STATE", "CHANGES", "ASKED WITH"), rows, style)


def _asked(wish: Mapping[str, Any] | None) -> str:
    """The options that it was asked for with, as one writes them."""
    if wish is None:
        return "a deploy"
    flags = ("refresh", "destroy", "target_dependents")
    words = [f"--{flag.replace('_', '-')}" for flag in flags if wish[flag]]
    named = ((option, one) for option, key in (("--target", "targets"), ("--replace", "replace")) for one in wish[key])
    return " ".join([*words, *(f"{option} {one}" for option, one in named)])


def _summed(summary: Mapping[str, Any]) -> str:
    """`2 create, 1 update`; for what was done by name, the paths; for what failed, why."""
    return ", ".join(_summed_one(key, value) for key, value in summary.items() if key != "none" and value)


def _summed_one(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return key
    if isinstance(value, int):
        return f"{number(value)} {key}"
    if isinstance(value, Mapping):
        return str(value.get("detail") or value.get("message") or key)
    paths = ["/".join(path_of(one)) for one in value] if isinstance(value, list) else [str(value)]
    return f"{key} {', '.join(paths[:_FEW])}{' …' if len(paths) > _FEW else ''}"


def versions_view(listing: Mapping[str, Any], style: Style = PLAIN) -> str:
    """What became of one resource: each version with its difference to the one before."""
    now, lines = datetime.now(UTC), []
    for item in listing["items"]:
        failed = "" if item["event"] == "succeeded" else style.paint("  failed", "red")
        lines.append(f"{ago(item['at'], now)}  {item['do']} by plan {item['plan']}{failed}")
        if item.get("error"):
            lines.append(f"  {clean(str(item['error'].get('detail') or ''))}")
        for change in item["changes"]:
            lines += [line[2:] for line in _change_lines(change, style, _VALUE_COLUMNS + 20)]
    return "\n".join(lines)


def outputs_table(listing: Listing[StackOutput], style: Style = PLAIN) -> str:
    rows = [
        (
            item["name"],
            "••••••" if item["secret"] else shorten(text_of(item["value"]), _VALUE_COLUMNS),
            ", ".join(item["consumers"]),
        )
        for item in listing["items"]
    ]
    return table(("OUTPUT", "VALUE", "USED BY"), rows, style)


def drift_report(report: DriftReport, style: Style = PLAIN, *, columns: int = 80) -> str:
    """A line where nothing has drifted; else each resource with what of it differs: recorded → found."""
    looked = f"looked at {plural(report['read'], 'resource')} {ago(report['at'], datetime.now(UTC))}"
    if report["stale"]:
        return (
            f"Nobody has looked at {report['stack']} since its state changed; {looked} before that."
            f"\nTo look now: roadbed stack drift {report['stack']}"
        )
    if not report["items"]:
        return f"{report['stack']} is as the state says; {looked}."
    lines = [style.paint(f"Drift of {report['stack']}", "bold"), ""]
    for item in report["items"]:
        lines += _drifted_lines(item, style, columns)
    counts: DriftSummary = {
        "at": report["at"] or "",
        "changed": report["changed"],
        "gone": report["gone"],
        "unreadable": report["unreadable"],
    }
    return "\n".join([*lines, "", f"{drifted(counts)}; {looked}.", _remedy(report)])


def _remedy(report: DriftReport) -> str:
    back = f"roadbed apply {report['stack']} " + (f"--plan {report['plan']}" if report["plan"] else "--refresh")
    return f"To take it back: {back}. To accept it: roadbed stack refresh {report['stack']}"


def _drifted_lines(item: DriftedResource, style: Style, columns: int) -> Iterator[str]:
    mark, colour = _DRIFT.get(item["state"], ("?", ""))
    path = clean("/".join(path_of(item["urn"])))
    state = "" if item["state"] == "changed" else f"  ({item['state']})"
    sigil, kind = style.paint(mark, colour, "bold"), style.paint(clean(item["type"]), "dim")
    yield f"  {sigil} {style.paint(path, 'bold')}  {kind}{state}"
    if item["error"]:
        yield f"      {clean(item['error'])}"
    for change in (*item["changes"], *item["outputs"]):
        yield from _change_lines(change, style, columns)


def _change_lines(change: PropertyChange, style: Style, columns: int) -> Iterator[str]:
    path = clean(change["path"])
    change = {**change, "after": recorded(change["after"])}
    first, *below = difference(change, "update", max(columns - 8 - width(path), 24), style)
    yield f"      {path}  {first}".rstrip()
    yield from (f"        {line}" for line in below)
