"""Building blocks: what was published, and what lies in a platform repo and could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, cast

from roadbed.client.transport import Transport, path_of


class BlockCase(TypedDict):
    """`state`: same, changed, new or failed. `planned` is what comes of the example, `kept` what `file` has of it."""

    block: str
    example: str
    state: str
    file: str
    planned: str
    kept: str
    message: str
    hint: str
    place: str


class BlockDifference(TypedDict):
    level: str
    message: str


class ImpactStep(TypedDict):
    urn: str
    type: str
    action: str
    loses_data: bool


class RepoProblem(TypedDict):
    message: str
    hint: str | None
    file: str | None
    line: int | None
    column: int | None


class StackImpact(TypedDict):
    """`problems`: why it couldn't be planned any more."""

    stack: str
    environment: str
    owner: str | None
    loses_data: bool
    steps: list[ImpactStep]
    problems: list[RepoProblem]


class Impact(TypedDict):
    """What a version would change. `before`: which version each environment uses now; `refused`: why it can't be
    published, or brought there.
    """

    name: str
    version: str
    owner: str | None
    before: dict[str, str | None]
    differences: list[BlockDifference]
    breaks: bool
    loses_data: bool
    using: int
    stacks: list[StackImpact]
    refused: RepoProblem | None


class PublishedVersion(TypedDict):
    """Brought to `environments`."""

    name: str
    version: str
    environments: list[str]
    impact: Impact


class BlockVersion(TypedDict):
    version: str
    digest: str
    message: str
    published_at: str
    published_by: str


class BlockUse(TypedDict):
    environment: str
    version: str
    since: str
    by: str


class PublishedBlock(TypedDict):
    """`used_by` and `docs_text` (what the file `docs` says) are told of one that is asked for by its name."""

    name: str
    title: str
    description: str
    owner: str | None
    maturity: str | None
    successor: str | None
    docs: str | None
    version: str
    versions: list[BlockVersion]
    uses: list[BlockUse]
    offers: list[dict[str, Any]]
    used_by: list[str]
    docs_text: str


class PublishedBlocks(TypedDict):
    items: list[PublishedBlock]


class RepoCheck(TypedDict):
    problems: list[RepoProblem]
    files: int


class Blocks:
    """What is handed in is the texts of a block's folder, by their paths in it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> PublishedBlocks:
        return cast(PublishedBlocks, self._transport.request("GET", "/platform/blocks"))

    def get(self, name: str) -> PublishedBlock:
        """With the stacks that ask for it."""
        return cast(PublishedBlock, self._transport.request("GET", path_of("platform", "blocks", name)))

    def cases(self, name: str, files: Mapping[str, str]) -> Sequence[BlockCase]:
        """What comes of the examples, and whether that is what is kept."""
        answer = self._transport.request(
            "POST", path_of("platform", "blocks", name, "cases"), send={"files": {**files}}
        )
        return cast("Sequence[BlockCase]", answer["items"])

    def impact(self, name: str, files: Mapping[str, str], environments: Sequence[str] = ()) -> Impact:
        """What publishing it would change: at once, or in these environments."""
        send = {"files": {**files}, "environments": [*environments]}
        return cast(Impact, self._transport.request("POST", path_of("platform", "blocks", name, "impact"), send=send))

    def publish(
        self,
        name: str,
        files: Mapping[str, str],
        message: str = "",
        *,
        delete_data: bool = False,
        break_stacks: bool = False,
    ) -> PublishedVersion:
        send = {"files": {**files}, "message": message, "delete_data": delete_data, "break_stacks": break_stacks}
        path = path_of("platform", "blocks", name, "versions")
        return cast(PublishedVersion, self._transport.request("POST", path, send=send))

    def promotion(self, name: str, environment: str, version: str | None = None) -> Impact:
        """What using a version there would change; the newest one, if none is named."""
        path = path_of("platform", "blocks", name, "environments", environment, "impact")
        return cast(Impact, self._transport.request("GET", path, query={"version": version}))

    def promote(
        self,
        name: str,
        environment: str,
        version: str | None = None,
        *,
        delete_data: bool = False,
        break_stacks: bool = False,
    ) -> PublishedVersion:
        path = path_of("platform", "blocks", name, "environments", environment)
        send = {"version": version, "delete_data": delete_data, "break_stacks": break_stacks}
        return cast(PublishedVersion, self._transport.request("PUT", path, send=send))

    def check_repo(self, files: Mapping[str, str]) -> RepoCheck:
        """Everything that is wrong in a platform repo, by the texts of its files."""
        return cast(RepoCheck, self._transport.request("POST", "/platform/checks", send={"files": {**files}}))
