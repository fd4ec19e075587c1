"""What can go wrong with builds."""

from __future__ import annotations

from roadbed.kit.errors import NotFound, OperationFailed


class SourceNotFound(NotFound):
    """Nothing was uploaded under that digest."""

    code = "source_not_found"


class BuildNotFound(NotFound):
    """There is no build under that digest."""

    code = "build_not_found"


class BuildFailed(OperationFailed):
    """A command of the build ended in failure, or went over a limit."""

    code = "build_failed"


class FetchFailed(OperationFailed):
    """A git repository could not be fetched: it isn't there, asks for rights, is too large or too slow."""

    code = "fetch_failed"
