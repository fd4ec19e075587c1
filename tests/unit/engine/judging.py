"""What a case of `tests/cases/engine` makes of planner and schedule, in the words in which the case expects it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as altered
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from roadbed.engine.domain import Graph, Plan, PlanOptions, Recorded, Rewrite, Step
from roadbed.engine.expressions.values import UNKNOWN, Secret, pick
from roadbed.engine.planning import declared_options, schema, selection
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.graph import read
from roadbed.engine.planning.planner import Draft, draft
from roadbed.engine.planning.schedule import Effect, schedule
from roadbed.kit.errors import InvalidInput
from roadbed.providers.driver import Property, ResourceType
from unit.engine.building import fingerprint
from unit.engine.notation import Case

_PROPERTIES = {
    "value": Property({}, description="Anything."),
    "size": Property({"type": "integer"}, description="How large."),
    "tags": Property({"type": "object"}, description="What it is marked with."),
    "place": Property({"type": "string"}, replace=True, description="Where: a change makes a new one."),
}


def _type(name: str, **more: Any) -> ResourceType:
    outputs = {"id": "Its identity.", "size": "How large it is."}
    secret = {"key": "Its key."}
    made = ResourceType(f"test:{name}", name, _PROPERTIES, outputs, secret, follows={"size": ("size",)})
    return altered(made, **more)


TYPES = {
    made.name: made
    for made in (
        _type("Thing", configures=True),
        _type("Twin", replacement="create_first"),
        _type("Once", may_run_twice=True),
        _type("Rollout", phase="rollout"),
        _type("Beside", phase="rollout", replacement="create_first"),
        _type("Strict", properties={**_PROPERTIES, "needed": Property({"type": "string"}, required=True)}),
    )
}


@dataclass(frozen=True)
class Known:
    """The outputs of a state with its secrets in the clear; every secret there is; what other stacks export."""

    state: Mapping[str, Recorded]
    imports: Mapping[str, Any] = field(default_factory=dict)

    def output(self, urn: str, output: str) -> Any:
        row = self.state.get(urn)
        if row is None or row.broken:
            return UNKNOWN
        if output in row.sealed:
            return Secret(row.sealed[output])
        try:
            return pick(row.outputs, output)
        except (KeyError, IndexError, ValueError, TypeError):
            raise InvalidInput(f"{urn} has no output {output!r}") from None

    def secret(self, name: str) -> Secret:
        return Secret(f"value of {name}")

    def imported(self, stack: str, name: str) -> Any:
        try:
            found = self.imports[f"{stack}.{name}"]
        except KeyError:
            raise InvalidInput(f"{stack} exports no {name!r}") from None
        match found:
            case {"secret": value}:
                return Secret(value)
            case _:
                return found


def plan(case: Case) -> Plan:
    """As the engine's door makes one, without a database. Raises what it raises."""
    graph = read(case.document)
    schema.check(graph, TYPES)
    declared_options.check(graph, TYPES, case.recorded)
    state, options = case.recorded, _options(case, graph)
    known = Known({row.urn: row for row in state.values() if not row.deposed}, case.imports)
    wanted = Graph(graph.stack, ()) if options.destroy else graph
    made = draft(wanted, Facts(state, TYPES, known, fingerprint, case.read), options)
    return as_plan(made, options)


def as_plan(made: Draft, options: PlanOptions | None = None) -> Plan:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    options = options or PlanOptions()
    return Plan("shop@dev", 1, 0, "", made.steps, (), at, "olga", rewrites=made.rewrites, options=options)


def _options(case: Case, graph: Graph) -> PlanOptions:
    ask = case.ask
    targets = frozenset(case.urns(ask.get("targets", ())))
    if ask.get("target_dependents"):
        targets = selection.with_dependents(targets, graph, case.recorded)
    if not ask.get("destroy"):
        targets = selection.with_dependencies(targets, graph)
    return PlanOptions(
        targets=targets,
        replace=frozenset(case.urns(ask.get("replace", ()))),
        refresh=ask.get("refresh", False),
        destroy=ask.get("destroy", False),
        keep=frozenset(case.urns(ask.get("keep", ()))),
    )


def told(case: Case, step: Step, expected: Any) -> Any:
    """What a step is, as far as it is expected."""
    if isinstance(expected, str):
        return step.action
    return {key: _aspect(case, step, key, wanted) for key, wanted in expected.items()}


def _aspect(case: Case, step: Step, key: str, wanted: Any) -> Any:
    match key:
        case "changes" if isinstance(wanted, Mapping):
            return {change.path: [change.before, change.after] for change in step.changes}
        case "changes":
            return [change.path for change in step.changes]
        case "forces":
            return [change.path for change in step.changes if change.replaces]
        case "secret" | "unknown":
            return [change.path for change in step.changes if getattr(change, key)]
        case "moved_from":
            return case.short(step.moved_from) if step.moved_from else None
        case "depends_on" | "depended_on":
            return sorted(map(case.short, getattr(step, key)))
        case "note":
            return wanted if wanted in (step.note or "") else step.note
        case "after":
            return dict(step.after)
        case _:
            return getattr(step, key)


def rewritten(case: Case, rewrite: Rewrite, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What a row becomes, as far as it is expected."""
    return {key: _rewritten(case, rewrite, key, value) for key, value in wanted.items()}


def _rewritten(case: Case, rewrite: Rewrite, key: str, wanted: Any) -> Any:
    match key:
        case "urn":
            return case.short(rewrite.urn)
        case "depends_on":
            return sorted(map(case.short, rewrite.depends_on))
        case "line":
            return rewrite.source.line if rewrite.source else None
        case "options":
            return {name: getattr(rewrite.options, name) for name in wanted}
        case "properties" | "outputs":
            found = getattr(rewrite, key)
            return None if found is None else {name: found.get(name) for name in wanted}
        case _:
            return getattr(rewrite, key)


@dataclass(frozen=True)
class Order:
    """The effects of a plan by what they are called in cases (`delete old a`), with all that each comes after."""

    effects: Mapping[str, Effect]
    before: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, case: Case, made: Plan) -> Order:
        effects: dict[str, Effect] = {}
        before: dict[str, frozenset[str]] = {}
        names: dict[str, str] = {}
        for effect in schedule(made):
            words, _, key = effect.key.rpartition(" ")
            names[effect.key] = f"{words} {case.short(key)}" if effect.step else effect.key
            waits = [names[other] for other in effect.after]  # a KeyError: it does not come after what it waits for
            before[names[effect.key]] = frozenset(waits).union(*(before[name] for name in waits))
            effects[names[effect.key]] = effect
        return cls(effects, before)

    @property
    def doing(self) -> list[str]:
        return sorted(name for name, effect in self.effects.items() if effect.do not in ("barrier", "settle"))

    def broken(self, chains: Iterable[str]) -> list[str]:
        """The links of `a < b < c` that do not hold."""
        return [
            f"{first} < {second}"
            for chain in chains
            for first, second in pairwise(name.strip() for name in chain.split("<"))
            if first not in self.before.get(second, frozenset())
        ]

    def bound(self, pairs: Iterable[str]) -> list[str]:
        """The pairs `a, b` of which one waits for the other, or is not there."""
        return [pair for pair in pairs if not self._free(*(name.strip() for name in pair.split(",")))]

    def _free(self, one: str, other: str) -> bool:
        there = one in self.before and other in self.before
        return there and one not in self.before[other] and other not in self.before[one]
