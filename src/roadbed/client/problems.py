"""From a problem document (RFC 9457) back to the error that the server raised."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from roadbed.kit import errors
from roadbed.kit.errors import Problem, RoadbedError

_CLASSES: tuple[type[RoadbedError], ...] = (
    errors.InvalidInput,
    errors.Unauthenticated,
    errors.Refused,
    errors.NotFound,
    errors.Conflict,
    errors.TooLarge,
    errors.Unavailable,
    errors.OperationFailed,
)
_BY_CODE = {each.code: each for each in _CLASSES}
_BY_EXIT_CODE = {
    1: errors.OperationFailed,
    2: errors.InvalidInput,
    3: errors.Refused,
    4: errors.NotFound,
    5: errors.Unavailable,
}
_BY_STATUS = {each.status: each for each in _CLASSES}


def error_of(document: Mapping[str, Any], *, status: int = 500) -> RoadbedError:
    """The error that `document` tells of. `status` is the answer's own, for a document that says less than ours do."""
    raised = _class_of(document, int(document.get("status") or status))
    return raised(
        str(document.get("detail") or document.get("title") or f"the platform answered {status}"),
        hint=document.get("hint"),
        file=document.get("file"),
        line=document.get("line"),
        column=document.get("column"),
        problems=[_problem_of(each) for each in document.get("problems") or ()],
    )


def _class_of(document: Mapping[str, Any], status: int) -> type[RoadbedError]:
    code = document.get("code")
    if not isinstance(code, str):
        return _BY_STATUS.get(status) or (errors.InvalidInput if 400 <= status < 500 else errors.Unavailable)
    if code in _BY_CODE:
        return _BY_CODE[code]
    return _specialised(_BY_EXIT_CODE.get(document.get("exit_code", 1), RoadbedError), code, status)


@cache
def _specialised(base: type[RoadbedError], code: str, status: int) -> type[RoadbedError]:
    """A class for a capability's own code: the client can't import that capability, yet must keep its code."""
    return type(base.__name__, (base,), {"code": code, "status": status})


def _problem_of(document: Mapping[str, Any]) -> Problem:
    return Problem(
        str(document.get("detail", "")),
        document.get("hint"),
        document.get("file"),
        document.get("line"),
        document.get("column"),
    )
