"""Building blocks over REST: what was published, and what somebody hands in."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from roadbed.blocks.checking import Checking
from roadbed.blocks.domain import Published
from roadbed.blocks.schemas import (
    BlockBody,
    CasesOut,
    CheckBody,
    ImpactOut,
    ProblemOut,
    PromoteBody,
    PublishBody,
    PublishedBlockOut,
    PublishedBlocksOut,
    PublishedOut,
    RepoCheckOut,
    block_out,
    cases_out,
    impact_out,
)
from roadbed.blocks.service import Blocks
from roadbed.platform.snapshots import read_snapshot
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=63)]
Version = Annotated[str | None, Query(max_length=32)]


def router(service: Blocks, checking: Checking) -> APIRouter:
    routes = APIRouter(tags=["building blocks"])
    _published(routes, service)
    _handed_in(routes, service)

    @routes.post("/platform/checks")
    async def check_repo(call: CurrentCall, body: CheckBody) -> RepoCheckOut:
        """Everything that is wrong in a platform repo, each at its place. Nothing is kept of it."""
        problems = await checking.check(call, body.files)
        return RepoCheckOut(problems=[ProblemOut.model_validate(one) for one in problems], files=len(body.files))

    return routes


def _published(routes: APIRouter, service: Blocks) -> None:
    @routes.get("/platform/blocks")
    async def list_published_blocks(call: CurrentCall) -> PublishedBlocksOut:
        """The building blocks that were published, with the version that each environment uses."""
        return PublishedBlocksOut(items=[block_out(one) for one in await service.catalog(call)])

    @routes.get("/platform/blocks/{name}")
    async def get_published_block(call: CurrentCall, name: Name) -> PublishedBlockOut:
        """With the stacks that ask for it."""
        return block_out(await service.block(call, name))

    @routes.get("/platform/blocks/{name}/environments/{environment}/impact")
    async def foresee_promotion(call: CurrentCall, name: Name, environment: Name, version: Version = None) -> ImpactOut:
        """What using a version there would change. Nothing is changed."""
        return impact_out(await service.promotion(call, name, environment, version))

    @routes.put("/platform/blocks/{name}/environments/{environment}")
    async def promote_block(call: CurrentCall, name: Name, environment: Name, body: PromoteBody) -> PublishedOut:
        """Has a version used in an environment: stacks take it up with their next plan."""
        found = await service.promote(
            call, name, environment, body.version, delete_data=body.delete_data, break_stacks=body.break_stacks
        )
        return _out(found)


def _handed_in(routes: APIRouter, service: Blocks) -> None:
    @routes.post("/platform/blocks/{name}/cases")
    async def try_block(call: CurrentCall, name: Name, body: BlockBody) -> CasesOut:
        """What comes of the examples of a block, and whether that is what is kept beside it."""
        return cases_out(await service.cases(call, read_snapshot(name, body.files)))

    @routes.post("/platform/blocks/{name}/impact")
    async def foresee_publishing(call: CurrentCall, name: Name, body: BlockBody) -> ImpactOut:
        """What publishing it would change. Nothing is changed."""
        return impact_out(await service.impact(call, read_snapshot(name, body.files), body.environments))

    @routes.post("/platform/blocks/{name}/versions", status_code=201)
    async def publish_block(call: CurrentCall, name: Name, body: PublishBody) -> PublishedOut:
        """Keeps a version for good, and has it used in the environments for development."""
        snapshot = read_snapshot(name, body.files)
        return _out(
            await service.publish(
                call, snapshot, body.message, delete_data=body.delete_data, break_stacks=body.break_stacks
            )
        )


def _out(found: Published) -> PublishedOut:
    impact = found.impact
    return PublishedOut(
        name=impact.name, version=impact.version, environments=list(found.environments), impact=impact_out(impact)
    )
