"""What policies are shown of a plan, and what becomes of a graph that they put right. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from roadbed.engine.domain import PLAIN, Graph, Node, Options, Plan, Recorded, Remediation, Source, Step
from roadbed.engine.expressions.values import holds, is_expression
from roadbed.engine.holdings import held_after, source_of
from roadbed.engine.planning import differences
from roadbed.engine.planning.planner import Draft
from roadbed.engine.stack_info import StackInfo
from roadbed.estimates.document import plan_cost_document
from roadbed.estimates.domain import PlanCost
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.policy.domain import Case, JudgedStep, Rewritten
from roadbed.sdk.policies import Context, PlannedResource


def case(
    stack: StackInfo,
    graph: Graph,
    drafted: Draft,
    state: Mapping[str, Recorded],
    cost: PlanCost | None = None,
) -> Case:
    """Everything that the stack is to hold is shown; what the plan has no step for is left alone."""
    name = stack.name
    places = {node.urn: place for place, node in enumerate(graph.nodes)}
    planned = {step.urn for step in drafted.steps}
    return Case(
        context=Context(str(name), name.environment, stack.kind, stack.owner, name.owner),
        resources=[_resource(node) for node in graph.nodes],
        left_alone=frozenset(urn for urn in places if urn not in planned),
        steps=[_step(step, places, state.get(step.key)) for step in drafted.steps],
        held=held_after(drafted.steps, state),
        cost=None if cost is None else plan_cost_document(cost),
    )


def case_of(stack: StackInfo, plan: Plan, state: Mapping[str, Recorded]) -> Case:
    """What built-in policies are asked of a stored plan as its apply begins."""
    name = stack.name
    context = Context(str(name), name.environment, stack.kind, stack.owner, name.owner)
    return Case(context, (), held=held_after(plan.steps, state))


def _resource(node: Node) -> PlannedResource:
    return PlannedResource(
        urn=node.urn,
        type=node.type,
        name=node.name,
        properties=node.properties,
        source=source_of(node.source),
        kind=node.kind,
        depends_on=sorted(node.depends_on),
        options=_options(node.options),
    )


def _step(step: Step, places: Mapping[str, int], row: Recorded | None) -> JudgedStep:
    """A deletion shows what there was; so does one of what an earlier replacement left, whose URN is still wanted."""
    before = row.properties if row and step.action != "none" else None
    if step.urn in places and not step.deposed:
        return JudgedStep(step.action, places[step.urn], before, step.loses_data)
    gone = PlannedResource(step.urn, step.type, step.name, before or {}, source_of(step.source), step.kind)
    return JudgedStep(step.action, gone, before, step.loses_data)


def _options(options: Options) -> dict[str, Any]:
    """Those that were given, by their names in programs."""
    if options is PLAIN:
        return {}
    plain = asdict(PLAIN)
    given = {key: value for key, value in asdict(options).items() if value != plain[key]}
    return {"import" if key == "import_id" else key: value for key, value in given.items()}


def put_right(document: Mapping[str, Any], properties: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The declared document with what policies made of the properties of some resources, by URN."""
    resources = [
        {**one, "properties": dict(properties[one["urn"]])} if one["urn"] in properties else one
        for one in document["resources"]
    ]
    return {**document, "resources": resources}


def remediations(graph: Graph, rewritten: Sequence[Rewritten]) -> tuple[Remediation, ...]:
    """What policies did to a graph, in their order: what each changed of what those before it had left."""
    nodes = {node.urn: node for node in graph.nodes}
    now = {one.resource: nodes[one.resource].properties for one in rewritten}
    return tuple(_remediation(one, nodes[one.resource].source, now) for one in rewritten)


def _remediation(one: Rewritten, source: Source | None, now: dict[str, Mapping[str, Any]]) -> Remediation:
    before = now[one.resource]
    after = {name: value for name, value in {**before, **one.properties}.items() if value is not None}
    now[one.resource] = after
    different = differences.changes(_told(before), _told(after))
    return Remediation(one.policy, one.pack, one.resource, one.message, one.reason, different, source)


def _told(value: Any) -> Any:
    """A declared value as a plan shows it: what is secret in it is masked, and what is not known yet says so."""
    if is_expression(value):
        return {"$secret": True} if holds(value, "$secret") else {"$unknown": True}
    if isinstance(value, Mapping):
        return {key: _told(item) for key, item in value.items()}
    return [_told(item) for item in value] if isinstance(value, list) else value


def spoiled(error: InvalidInput, rewritten: Iterable[Rewritten]) -> InvalidInput:
    """What is wrong with a graph that was right until policies put something right in it."""
    names = ", ".join(sorted({one.policy for one in rewritten}))
    message = f"what the policies {names} put right can't be planned: {error.message}"
    place = error.problem
    return InvalidInput(message, hint="mend the policy", file=place.file, line=place.line, problems=error.problems)


def endless(stack: str, rewritten: Iterable[Rewritten]) -> InvalidInput:
    """Policies that change again what they have just put right."""
    told = sorted({f"{one.policy} changes {', '.join(one.properties)} of {one.resource}" for one in rewritten})
    problems = [Problem(one) for one in told]
    message = f"the policies of {stack} never come to an end: what was put right is put right again"
    hint = "a policy may yield a Change only where the value is another one"
    return InvalidInput(message, hint=hint, problems=problems)
