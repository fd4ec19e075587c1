"""What fields of `roadbed.yaml` must be like together, each of them being right by itself."""

from __future__ import annotations

from roadbed.workload.application_fields import common_of, items, section, sections, variables_of
from roadbed.workload.checks import check_references
from roadbed.workload.document import strings
from roadbed.workload.domain import Text
from roadbed.workload.reader import Fields


def cross_check(fields: Fields, file: str, where: str) -> None:
    """Reports what is wrong. `where` is the environment whose layer is in `fields`, as the end of a phrase; empty for
    none.
    """
    params = [scalar for _, each in sections(fields, "resources") for scalar in strings(each.mapping("params").node)]
    texts = [*(Text(str(each.value), each.place) for each in params), *variables_of(fields).values()]
    check_references(common_of(fields, file), fields.reader, texts)
    for _, workload in sections(fields, "workloads"):
        if scale := section(workload, "scale"):
            _check_scale(scale, where)
        if rollout := section(workload, "rollout"):
            _check_rollout(rollout, where)


def _check_scale(scale: Fields, where: str) -> None:
    low, high = scale.integer("min", 0, 100, 1), scale.integer("max", 1, 100, 100)
    if high < low:
        least = f" in {scale.place('min').file}:{scale.place('min').line}" if "min" in scale else ""
        message = f"{scale.path_of('max')} is below min{where}: {high} < {low}{least}"
        scale.reader.report(scale.place("max"), message, "raise max, or lower min")


def _check_rollout(rollout: Fields, where: str) -> None:
    """No steps are none, however that is said: a layer can't always leave them out."""
    if items(rollout.get("steps")) and rollout.text("strategy") != "canary":
        message = f"{rollout.path_of('steps')}{where} are for the strategy canary"
        hint = "write `steps: []` there" if where else "write `strategy: canary`, or leave the steps out"
        rollout.reader.report(rollout.place("steps"), message, hint)
