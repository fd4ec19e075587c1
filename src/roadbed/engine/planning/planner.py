"""graph × state × what a refresh found → steps. Pure: the same input gives the same steps, byte for byte."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import replace as altered
from typing import Any

import msgspec

from roadbed.engine.domain import Change, Graph, Node, Note, Observed, PlanOptions, Recorded, Remediation, Rewrite, Step
from roadbed.engine.expressions.sizes import MAX_DOCUMENT, MAX_PROPERTIES, too_large, weight
from roadbed.engine.expressions.values import record, resolve
from roadbed.engine.planning import secrecy
from roadbed.engine.planning.deletions import deletion_steps
from roadbed.engine.planning.differences import changes
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.foreseen import Foreseen
from roadbed.engine.planning.graph import export_problem, graph_imports, problem
from roadbed.engine.planning.ignored import declared_values, recorded_values
from roadbed.engine.planning.priors import Prior, find_priors
from roadbed.engine.planning.schema import type_of
from roadbed.estimates.domain import PlanCost
from roadbed.kit.errors import Findings, InvalidInput, TooLarge
from roadbed.policy.domain import LOCAL, Approvals, Place, Verdict
from roadbed.providers.driver import ResourceType


@dataclass(frozen=True, slots=True)
class Draft:
    """What a plan is made of. `imports` are the exports of other stacks that the graph uses: `(stack, name)`."""

    steps: tuple[Step, ...]
    rewrites: tuple[Rewrite, ...]
    exports: tuple[Change, ...] = ()
    imports: tuple[tuple[str, str], ...] | None = ()


def draft(graph: Graph, facts: Facts, options: PlanOptions | None = None) -> Draft:
    """Steps in the graph's order, deletions last and in reverse order of dependency.

    Raises InvalidInput with every finding: a secret that would stand in the clear; something protected that would go,
    an import that finds nothing, an export that can't be resolved.
    """
    secrecy.check(graph, facts.types, facts.known)
    return _Planner(graph, facts, options or PlanOptions()).draft()


class _Planner:
    def __init__(self, graph: Graph, facts: Facts, options: PlanOptions) -> None:
        self._graph, self._facts, self._options = graph, facts, options
        self._foreseen = Foreseen(facts.known)
        self._findings = Findings()
        self._priors = find_priors(graph, facts.state, facts.observed, self._findings, options.targets)
        self._steps: dict[str, Step] = {}
        self._rewrites: list[Rewrite] = []
        self._size = 0

    def draft(self) -> Draft:
        for node in self._graph.nodes:
            prior = self._priors.of(node.urn)
            untouched = self._untouched(node)
            if untouched and prior.row is None:
                continue
            step = self._left_alone(node, prior, untouched) if untouched else self._placed(node, prior)
            self._steps[node.urn] = step
            self._foreseen.learn(step, self._type(node), prior.row, self._seen_outputs(node, prior))
            if rewrite := _rewrite(step, prior):
                self._rewrites.append(rewrite)
        deletions, gone = deletion_steps(self._facts, self._priors, self._options, self._findings)
        self._take_along(deletions)
        exports = self._exports()
        self._findings.raise_if_any(f"the plan of {self._graph.stack}")
        steps = (*self._steps.values(), *deletions)
        return Draft(steps, (*self._rewrites, *gone), exports, graph_imports(self._graph))

    def _exports(self) -> tuple[Change, ...]:
        """What of the exports changes. A plan for a part of the stack leaves them as they are."""
        if self._options.targets:
            return ()
        wanted: dict[str, Any] = {}
        for name, value in self._graph.exports.items():
            try:
                wanted[name] = self._recorded(value)
            except InvalidInput as error:
                message = f"the export {name!r} can't be resolved: {error.message}"
                self._findings.add(export_problem(self._graph, name, message, error.hint))
        return changes(self._facts.exports, wanted)

    def _type(self, node: Node) -> ResourceType:
        return type_of(self._facts.types, node.type, node.kind)

    def _untouched(self, node: Node) -> str | None:
        """Why the plan leaves the resource as it is, whatever the graph says."""
        if node.urn in self._options.keep:
            return "kept as it is"
        targets = self._options.targets
        return "not asked for" if targets and node.urn not in targets else None

    def _left_alone(self, node: Node, prior: Prior, note: str) -> Step:
        assert prior.row is not None  # noqa: S101 - what isn't there has no step
        row = prior.row
        step = self._base(node, prior)
        return altered(
            step, depends_on=self._priors.now(row.depends_on), source=row.source, options=row.options, note=note
        )

    def _placed(self, node: Node, prior: Prior) -> Step:
        """The step; an error in resolving what it needs gets the place of the declaration."""
        try:
            return self._step(node, prior)
        except InvalidInput as error:
            if error.problem.file:
                raise
            place = problem(node, error.message, error.hint)
            raise InvalidInput(place.message, hint=place.hint, file=place.file, line=place.line) from None

    def _base(self, node: Node, prior: Prior) -> Step:
        return Step(
            urn=node.urn,
            type=node.type,
            name=node.name,
            action="none",
            phase=self._type(node).phase,
            depends_on=node.depends_on,
            source=node.source,
            options=node.options,
            kind=node.kind,
            moved_from=prior.moved_from if prior.row else None,
        )

    def _step(self, node: Node, prior: Prior) -> Step:
        properties = {**node.properties, "id": node.id} if node.kind == "read" else node.properties
        step = altered(self._base(node, prior), properties=properties, after=self._after(node, properties))
        if node.kind == "read":
            return _read(node, step, prior)
        if prior.row is None or prior.row.kind == "read":  # what was only looked at stays, whatever is made now
            if node.options.import_id is not None and not prior.note:
                return self._import(node, step)
            risky = self._type(node).may_run_twice
            created = changes({}, step.after)
            return altered(step, action="create", changes=created, note=prior.note, may_run_twice=risky)
        if prior.row.broken:
            return _again(step, prior.row, may_run_twice=self._type(node).may_run_twice)
        return self._changed(node, step, prior.row)

    def _after(self, node: Node, properties: Mapping[str, Any]) -> dict[str, Any]:
        """What it is to be, as recorded. Raises TooLarge before anything is made of what refers to too much."""
        resolved = {name: resolve(value, self._foreseen) for name, value in properties.items()}
        if resolved != properties:  # what is declared was weighed as the graph was read
            self._weigh(node, resolved)
        return {name: record(value, self._facts.fingerprint) for name, value in resolved.items()}

    def _weigh(self, node: Node, resolved: Mapping[str, Any]) -> None:
        size = weight(resolved, MAX_PROPERTIES)
        self._size += size
        if size > MAX_PROPERTIES:
            raise too_large(node.urn, node.source)
        if self._size > MAX_DOCUMENT:
            message = f"the plan of {self._graph.stack} is over {MAX_DOCUMENT:,} bytes with all that is referred to"
            raise TooLarge(message, hint="split the stack")

    def _recorded(self, value: Any) -> Any:
        return record(resolve(value, self._foreseen), self._facts.fingerprint)

    def _import(self, node: Node, step: Step) -> Step:
        """What is there becomes the platform's, and then as declared, but never by being made anew.

        A password that the server doesn't tell is set anew by the update, and the plan shows it.
        """
        import_id = node.options.import_id
        seen = self._facts.observed.get(node.urn, Observed())
        if seen.error or seen.gone:
            why = seen.error or "there is no such thing"
            self._findings.add(problem(node, f"{import_id!r} can't be imported as {node.urn}: {why}", "check its id"))
        if ignored := node.options.ignore_changes:
            step = _ignoring(step, node, seen.properties, ignored)
        shown = {name: value for name, value in seen.properties.items() if name in step.after}
        wanted = {name: value for name, value in step.after.items() if name in shown}
        different = changes(shown, wanted, self._replacing(node))
        for change in different:
            if change.replaces:
                message = (
                    f"importing {import_id!r} as {node.urn} would replace it: its {change.path} is {change.before!r}"
                )
                self._findings.add(problem(node, message, f"declare {change.path} as it is"))
        anew = tuple(Change(name, secret=True, unknown=True) for name in seen.hidden)
        return altered(step, action="import", changes=(*different, *anew), id=import_id)

    def _changed(self, node: Node, step: Step, row: Recorded) -> Step:
        step, different = self._differences(node, step, row)
        asked = node.urn in self._options.replace
        forcing = [change.path for change in different if change.replaces]
        if asked or forcing:
            return self._replace(node, altered(step, changes=different), row, forcing)
        if different:
            return altered(step, action="update", changes=different, note=self._options.remarks.get(node.urn))
        return altered(step, properties={}, after={})

    def _replace(self, node: Node, step: Step, row: Recorded, forcing: list[str]) -> Step:
        if node.options.protect:
            message = f"{node.urn} is protected, and this plan would replace it ({', '.join(forcing) or 'asked for'})"
            self._findings.add(problem(node, message, "take `protect` away if it may be"))
        return altered(
            step,
            action="replace",
            order="delete_first" if node.options.delete_before_replace else self._type(node).replacement,
            depended_on=self._priors.now(row.depends_on),
            note=self._options.remarks.get(node.urn) if forcing else "replaced because it was asked for",
            may_run_twice=self._type(node).may_run_twice,
            loses_data=self._type(node).holds(row.properties) and not node.options.retain_on_delete,
        )

    def _differences(self, node: Node, step: Step, row: Recorded) -> tuple[Step, tuple[Change, ...]]:
        if ignored := node.options.ignore_changes:
            step = _ignoring(step, node, row.properties, ignored)
        different = changes(row.properties, step.after, self._replacing(node))
        before = self._priors.now_one(row.options.provider)
        if before != node.options.provider:
            different = (*different, Change("(provider)", before, node.options.provider, replaces=True))
        return step, different

    def _replacing(self, node: Node) -> tuple[str, ...]:
        """The paths whose change makes a new resource: by its type, and by what the user says."""
        by_type = (name for name, rule in self._type(node).properties.items() if rule.replace)
        return (*by_type, *node.options.replace_on_changes)

    def _take_along(self, deletions: Iterable[Step]) -> None:
        """What uses something that is deleted first, and is replaced, too, goes before it: it can't outlive it.

        What is deleted and uses it goes before it in any case (see `schedule.py`), and so what uses that in turn.
        """
        users: dict[str, list[str]] = defaultdict(list)
        for step in self._steps.values():
            for urn in step.depended_on if step.action == "replace" else ():
                users[urn].append(step.urn)
        deleted: dict[str, list[str]] = defaultdict(list)
        for step in deletions:
            for urn in step.depends_on:
                deleted[urn].append(step.urn)
        waiting = [step.urn for step in self._steps.values() if step.interrupting]
        while waiting:
            urn = waiting.pop()
            waiting += deleted.pop(urn, ())
            for user in users[urn]:
                if not self._steps[user].interrupting:
                    self._steps[user] = altered(self._steps[user], order="delete_first")
                    waiting.append(user)

    def _seen_outputs(self, node: Node, prior: Prior) -> Mapping[str, Any] | None:
        seen = self._facts.observed.get(prior.moved_from or node.urn)
        return seen.outputs if seen and not seen.gone else None


def _ignoring(step: Step, node: Node, there: Mapping[str, Any], paths: tuple[str, ...]) -> Step:
    after = recorded_values(step.after, there, paths)
    return altered(step, after=after, properties=declared_values(node.properties, there, paths))


def _read(node: Node, step: Step, prior: Prior) -> Step:
    """Looked at again when it is asked for differently, or a refresh saw something else."""
    row = prior.row
    different = changes({"id": row.id, **row.properties} if row else {}, step.after)
    again = row is None or row.broken or different or row is not prior.stored or row.kind != "read"
    return altered(step, action="read" if again else "none", changes=different, id=node.id)


def _again(step: Step, row: Recorded, *, may_run_twice: bool) -> Step:
    """Its creation or deletion failed or was cut off: what that left is found, unless the type can't."""
    step = altered(step, changes=changes({}, step.after), depended_on=row.depends_on, may_run_twice=may_run_twice)
    if may_run_twice:
        return altered(step, action="create", note="an earlier attempt failed; what it left can't be found")
    if row.outputs or row.sealed:
        return altered(step, action="adopt", note="its deletion failed: what is left of it is put right")
    return altered(step, action="adopt", note="an earlier attempt failed: what it left, if anything, is taken over")


def _rewrite(step: Step, prior: Prior) -> Rewrite | None:
    """A row to write though no step writes it, or under another URN before a step does."""
    stored, row = prior.stored, prior.row
    if stored is not None and row is None and prior.moved_from:  # gone, and to be made under its new name
        return Rewrite(stored.urn, stored.urn, stored.depends_on, stored.options, stored.source, gone=True)
    if stored is None or row is None or (step.action != "none" and not prior.moved_from):
        return None
    seen = row if row is not stored else None
    told = (stored.depends_on, stored.options, stored.source)
    if not prior.moved_from and seen is None and told == (step.depends_on, step.options, step.source):
        return None
    return Rewrite(
        was=stored.urn,
        urn=step.urn,
        depends_on=step.depends_on,
        options=step.options,
        source=step.source,
        properties=seen.properties if seen else None,
        outputs=seen.outputs if seen else None,
    )


def digest(
    stack: str,
    base: int,
    drafted: Draft,
    verdicts: tuple[Verdict, ...],
    exports: Mapping[str, Any] | None,
    options: PlanOptions,
    notes: tuple[Note, ...] = (),
    remediations: tuple[Remediation, ...] = (),
    cost: PlanCost | None = None,
) -> str:
    """SHA-256 of everything that the plan says, apart from its number, its time and who asked.

    `imports` and `cost` that are None, empty `notes` and `remediations`, and what verdicts leave out are left out: the
    digests of an earlier version didn't cover them.
    """
    said = [_digested(verdict) for verdict in verdicts]
    content = (stack, base, drafted.steps, drafted.rewrites, said, exports, options, drafted.exports)
    told = content if drafted.imports is None else (*content, drafted.imports)
    told = (*told, notes) if notes else told
    told = (*told, {"remediations": remediations}) if remediations else told
    told = (*told, {"cost": cost}) if cost else told
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()


class _Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """A verdict in a digest: what an earlier version didn't know of is left out where it says nothing."""

    policy: str
    level: str
    resource: str
    message: str
    remedy: str
    pack: str | None = None
    reason: str | None = None
    source: Place | None = None
    broken: Place | None = None
    approvals: Approvals | None = None


def _digested(one: Verdict) -> _Verdict:
    pack = None if one.pack == LOCAL else one.pack
    told = one.policy, one.level, one.resource, one.message, one.remedy
    return _Verdict(*told, pack, one.reason or None, one.source, one.broken, one.approvals)
