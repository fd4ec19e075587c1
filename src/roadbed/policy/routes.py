"""Policies over REST."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from roadbed.policy.schemas import CasesOut, PolicyDetailOut, PolicyListOut, policies_out, policy_out
from roadbed.policy.service import Policies
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=128)]
Pack = Annotated[str, Query(max_length=128)]


def router(service: Policies) -> APIRouter:
    routes = APIRouter(tags=["policies"])

    @routes.get("/policies")
    async def list_policies(call: CurrentCall) -> PolicyListOut:
        """Every policy, the packs that they are from, and how each is meant in every environment."""
        return policies_out(await service.policies(call))

    @routes.get("/policies/{name}")
    async def read_policy(call: CurrentCall, name: Name) -> PolicyDetailOut:
        return policy_out(await service.policy(call, name))

    @routes.get("/policy-cases")
    async def try_policy_cases(call: CurrentCall, pack: Pack | None = None) -> CasesOut:
        """Runs the cases that policies bring along: what each must refuse, and must let pass."""
        found = await service.examples(call, pack)
        return CasesOut.model_validate({"items": found["cases"], "problems": found["problems"]})

    return routes
