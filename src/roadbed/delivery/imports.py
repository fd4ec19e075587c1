"""What provisioners take from other stacks, and no stack exports. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from roadbed.delivery.priming import primed
from roadbed.engine.expressions.values import imports
from roadbed.kit.errors import Findings
from roadbed.workload.declared import ApplicationSource


def check_exported(source: ApplicationSource, answer: Mapping[str, Any], missing: Collection[tuple[str, str]]) -> None:
    """Raises InvalidInput for each resource whose outputs hold what is `missing` (stack, name): at its line, and with
    that of its provisioner.
    """
    findings = Findings()
    for uid, one in primed(source).items():
        for stack, name in dict.fromkeys(imports(answer["outputs"][uid])):
            if (stack, name) in missing:
                by = answer["provisioners"].get(uid, "its provisioner")
                message = f"{stack} exports no {name!r}, which {by} takes for resources.{one.resource.name}"
                hint = f"see `roadbed stack outputs {stack}`; it may have to be applied first"
                findings.add(one.resource.place.problem(message, hint))
    findings.raise_if_any(source.name)
