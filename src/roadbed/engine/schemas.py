"""Plans on the wire: the plan document, version 1. Its JSON Schema is `docs/reference/plan.schema.json`.

What a plan keeps for itself (declared and recorded properties) has no field here, and secrets are masked on the way
out, wherever they stand.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from roadbed.control.schemas import Instant
from roadbed.engine.domain import Action, Judged, Kind, Plan, Rewrite
from roadbed.engine.planning.differences import masked
from roadbed.estimates.document import plan_cost_document
from roadbed.kit.access import Role
from roadbed.providers.driver import Phase, Replacement
from roadbed.sdk.policies import Level

PLAN_VERSION: Literal[1] = 1


Masked = Annotated[Any, BeforeValidator(masked)]
Names = Annotated[list[str], BeforeValidator(sorted)]


class Out(BaseModel):
    """An answer, made from the domain's own objects."""

    model_config = ConfigDict(from_attributes=True)


class SourceOut(Out):
    """Where in the user's files something was declared."""

    file: str
    line: int | None = Field(description="Counts from 1.")


class ChangeOut(Out):
    """One property's difference."""

    path: str = Field(description="Dotted, from the property's name on.")
    before: Masked = Field(description='Null where it is absent; a secret is `{"$secret": true}`, also within.')
    after: Masked = Field(description='The same; what is known only after apply is `{"$unknown": true}`, also within.')
    secret: bool
    unknown: bool = Field(description="The new value, as a whole, is known only after apply.")
    replaces: bool = Field(description="This change makes the resource be replaced.")


class StepOut(Out):
    """What the plan does to one resource."""

    urn: str
    type: str
    name: str
    kind: Kind = Field(description="`component` holds others, `read` is only looked at.")
    action: Action
    phase: Phase
    order: Replacement | None = Field(description="Of a replacement: which half comes first.")
    depends_on: Names = Field(description="URNs of its direct dependencies.")
    changes: list[ChangeOut]
    interrupting: bool = Field(description="What uses it is interrupted: the old one goes before the new one is there.")
    may_run_twice: bool = Field(description="After a crash its creation could not be found again.")
    loses_data: bool = Field(description="It deletes what people have put into it.")
    moved_from: str | None = Field(description="The URN under which the state has it until then.")
    id: str | None = Field(description="What there is already: of an import or a read.")
    deposed: str = Field(description="Not empty: what an earlier replacement left, which is to be deleted.")
    source: SourceOut | None
    note: str | None


class RewriteOut(Out):
    """A resource of which the state is corrected, and to which nothing is done."""

    was: str = Field(description="Its URN before: another one than `urn` when it was moved.")
    urn: str
    gone: bool = Field(description="It was found to be no more: it leaves the state.")
    refreshed: bool = Field(description="It was found to be other than the state said.")


class ApprovalsOut(Out):
    """How many people of a role must approve; none of them is who asks."""

    count: int
    role: Role


class NeedOut(ApprovalsOut):
    """`because` says who wants that: an environment, or a policy."""

    because: str


class VerdictOut(Out):
    """What a policy says."""

    policy: str
    pack: str
    level: Level
    resource: str = Field(description="The URN that it is about; empty for the plan as a whole.")
    message: str
    remedy: str = Field(description="What to do.")
    reason: str = Field(description="Why the company wants it.")
    refuses: bool = Field(description="The plan can't be applied as long as this stands.")
    waived_by: str | None = Field(description="The waiver that lets it pass.")
    waived_until: Instant | None = Field(description="When that waiver ends, and the finding stands again.")
    approvals: ApprovalsOut | None = Field(description="It refuses nothing: these people may let it pass.")
    source: SourceOut | None = Field(description="Where the resource is declared.")
    broken: SourceOut | None = Field(description="Where the policy failed, which so could not judge.")


class RemediationOut(Out):
    """What a policy put right in a resource before the plan was made."""

    policy: str
    pack: str
    resource: str
    message: str = Field(description="What was wrong.")
    reason: str = Field(description="Why the company wants it.")
    changes: list[ChangeOut] = Field(description="From what was declared to what is planned.")
    source: SourceOut | None = Field(description="Where the resource is declared.")


class NoteOut(Out):
    """What was declared and nothing acts upon."""

    message: str
    source: SourceOut | None


class FigureOut(Out):
    """An estimate by the month, rounded to six digits after the point."""

    low: float | None = Field(description="Null where nothing is known. A known part stands beside what is `unknown`.")
    high: float | None = Field(description="Another one than `low` where something scales by itself.")
    unknown: list[str] = Field(description="Why something is not in it; in totals, the URNs of what isn't.")


class FiguresOut(Out):
    """Cost in the plan's currency, energy in kWh, carbon in kg of CO2e."""

    cost: FigureOut
    energy: FigureOut
    carbon: FigureOut


class EstimateOut(FiguresOut):
    """What a resource costs and emits by the month."""

    basis: list[str] = Field(description="What was multiplied with what.")
    free: str = Field(description="Why it costs nothing by itself; empty where that is not so.")


class ResourceCostOut(Out):
    urn: str
    before: EstimateOut | None = Field(description="Null: there is no such resource before.")
    after: EstimateOut | None = Field(description="Null: there is none afterwards.")
    difference: FiguresOut


class TotalCostOut(Out):
    before: FiguresOut
    after: FiguresOut
    difference: FiguresOut


class PlanCostOut(Out):
    """What the plan makes of what the stack costs by the month. See `docs/concepts/cost-and-carbon.md`."""

    currency: str = Field(description="A code of ISO 4217.")
    location: str = Field(description="Whose electricity is meant.")
    grid: str = Field(description="By whose word a kWh emits there what it does.")
    total: TotalCostOut | None = Field(description="Null where nothing could be estimated.")
    resources: list[ResourceCostOut]
    problem: str = Field(description="Why nothing could be estimated; empty where that is not so.")


class PlanOptionsOut(Out):
    """How the plan was asked for."""

    targets: Names = Field(description="URNs; none: the whole stack.")
    replace: Names = Field(description="URNs of what was to be replaced.")
    refresh: bool = Field(description="The world was looked at before.")
    destroy: bool = Field(description="It was asked to delete everything.")


class PlanOut(Out):
    """A plan: what would be done to a stack, made once, stored, and never changed."""

    version: Literal[1] = PLAN_VERSION
    number: int = Field(description="Counts from 1 within the stack.")
    stack: str
    created_at: Instant
    created_by: str
    digest: str = Field(description="SHA-256 of all that it says; checked before it is applied.")
    base: int = Field(description="The serial of the state that it was made for: another one makes it stale.")
    empty: bool = Field(description="Applying it would change nothing, in the world or in the state.")
    summary: dict[Action, int] = Field(description="How many steps of each action, also of those not shown.")
    steps: list[StepOut]
    rewrites: list[RewriteOut]
    exports: list[ChangeOut] = Field(description="What changes of what the stack exports, once the steps are done.")
    verdicts: list[VerdictOut]
    remediations: list[RemediationOut] = Field(description="What policies changed of what was declared.")
    cost: PlanCostOut | None = Field(description="Null of plans that were made before there were estimates.")
    options: PlanOptionsOut
    notes: list[NoteOut] = Field(description="What was declared and is not in force here.")
    needs: list[NeedOut] = Field(description="Whose approval it takes, by the rules of now, before it is applied.")


class CheckOut(Out):
    """What policies say of what a plan would do: none was stored."""

    stack: str
    refused: bool = Field(description="A plan of it could not be applied.")
    verdicts: list[VerdictOut]
    remediations: list[RemediationOut]


def check_out(stack: str, judged: Judged) -> CheckOut:
    said = {"verdicts": judged.verdicts, "remediations": judged.remediations}
    return CheckOut.model_validate({"stack": stack, "refused": judged.refused, **said})


def plan_out(plan: Plan, *, all: bool = True) -> PlanOut:
    """The document. Without `all`, only what changes: no `none` steps, and no rewrites that nobody would notice."""
    rewrites = [_rewrite(item) for item in plan.rewrites]
    shown = [item for item in rewrites if all or item.gone or item.refreshed or item.was != item.urn]
    return PlanOut.model_validate(
        {
            **{name: getattr(plan, name) for name in _SAME},
            "steps": plan.steps if all else plan.changing,
            "rewrites": shown,
            "exports": plan.export_changes,
            "cost": None if plan.cost is None else plan_cost_document(plan.cost, all=all),
        }
    )


_SAME = (
    *("number", "stack", "created_at", "created_by", "digest", "base", "empty", "summary", "verdicts", "options"),
    *("notes", "remediations", "needs"),
)


def _rewrite(item: Rewrite) -> RewriteOut:
    found = item.properties is not None or item.outputs is not None
    return RewriteOut(was=item.was, urn=item.urn, gone=item.gone, refreshed=found)
