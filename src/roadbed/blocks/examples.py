"""Runs the examples of a building block, and compares what comes of them with what is kept beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from roadbed.blocks.domain import Case, case_document, golden_file
from roadbed.engine.foresight import Foresight
from roadbed.engine.stack_info import StackInfo
from roadbed.kit.access import require_somebody
from roadbed.kit.errors import InvalidInput
from roadbed.kit.names import StackName
from roadbed.platform.building_blocks import BuildingBlocks
from roadbed.platform.drafts import Draft
from roadbed.storage.call import Call

APPLICATION, WORKLOAD, RESOURCE = "example", "web", "db"
_UID = "web/db"


class Examples:
    def __init__(self, blocks: BuildingBlocks, foresight: Foresight) -> None:
        self._blocks, self._foresight = blocks, foresight

    async def run(self, call: Call, draft: Draft) -> list[Case]:
        """All of them, in the order in which they are declared."""
        require_somebody(call.principal)
        examples = {name: (offer, one) for offer in draft.offers for name, one in offer["examples"].items()}
        asked = [_request(draft.name, offer, example) for offer, example in examples.values()]
        answers = (await self._blocks.ask("provisions", {"asked": asked}, [draft.folder]))["answers"]
        return [
            await self._case(call, draft, name, request, answer)
            for name, request, answer in zip(examples, asked, answers, strict=True)
        ]

    async def _case(
        self, call: Call, draft: Draft, name: str, request: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> Case:
        if answered := answer.get("error"):
            error = answered.get("failure") or answered
            place = ":".join(str(error[key]) for key in ("file", "line") if error.get(key)) or draft.place
            return Case(draft.name, name, "failed", message=error["message"], hint=error.get("hint") or "", place=place)
        stack = StackName.parse(request["stack"])
        info = StackInfo(stack, request["owner"], request["environment_kind"])
        try:
            steps = await self._foresight.from_nothing(call, info, answer["graph"])
        except InvalidInput as error:
            place = (error.problems[0] if error.problems else error.problem).place or draft.place
            said = "; ".join(one.message for one in error.problems) or error.message
            return Case(draft.name, name, "failed", message=said, hint=error.hint or "", place=place)
        planned = _text(case_document(str(stack), steps, answer["outputs"][_UID]))
        kept = draft.snapshot.files.get(golden_file(name), "")
        return Case(draft.name, name, "new" if not kept else "same" if kept == planned else "changed", planned, kept)


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _request(type_: str, offer: Mapping[str, Any], example: Mapping[str, Any]) -> dict[str, Any]:
    """Of a workload `web` with one port, in an application `example`."""
    ports = {"http": {"port": 80, "target_port": 8080}}
    environment = example["environment"]
    return {
        "stack": f"{APPLICATION}@{environment}",
        "application": APPLICATION,
        "environment": environment,
        "environment_kind": example["kind"],
        "owner": offer["owner"],
        "variables": {},
        "services": {WORKLOAD: ports},
        "requests": [
            {
                "uid": _UID,
                "type": type_,
                "class": example["resource_class"],
                "id": example["id"],
                "name": RESOURCE,
                "workload": WORKLOAD,
                "workloads": [WORKLOAD],
                "ports": ports,
                "params": example["params"],
            }
        ],
    }
