"""The errors a user can meet.

Each class has a stable `code`, the HTTP `status` that the API answers with and the `exit_code` that the CLI ends
with. Each instance says what happened, where (file, line, column), and what to do about it. One handler in `api/`
and one in `cli/` render them; nothing else formats an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at one place. `line` and `column` count from 1, and are 0 where `file` is no file."""

    message: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def place(self) -> str | None:
        """`score.yaml:3:7`, as far as it is known."""
        if self.file is None:
            return None
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message}"


class RoadbedError(Exception):
    """Base of every error that is shown to a user.

    `problems` holds every finding when there are several (all wrong fields of a file at once); the error's own
    message then sums them up.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        self.problem = Problem(message, hint, file, line, column)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(message)

    @property
    def message(self) -> str:
        return self.problem.message

    @property
    def hint(self) -> str | None:
        return self.problem.hint

    def __str__(self) -> str:
        return str(self.problem)

    def to_dict(self) -> dict[str, Any]:
        """The body of an RFC 9457 problem document, less `instance`. Also how an operation stores its failure."""
        body: dict[str, Any] = {
            "type": f"https://roadbed.dev/errors/{self.code}",
            "title": self.code.replace("_", " "),
            "status": self.status,
            "code": self.code,
            "exit_code": self.exit_code,
            "detail": self.message,
        }
        for key in ("hint", "file", "line", "column"):
            if (value := getattr(self.problem, key)) is not None:
                body[key] = value
        if self.problems:
            body["problems"] = [_problem_dict(problem) for problem in self.problems]
        return body


def _problem_dict(problem: Problem) -> dict[str, Any]:
    pairs = (("detail", problem.message), ("hint", problem.hint), ("file", problem.file))
    numbers = (("line", problem.line), ("column", problem.column))
    return {key: value for key, value in (*pairs, *numbers) if value is not None}


class InvalidInput(RoadbedError):
    """What was asked for can't be read, or breaks a rule of its format."""

    code = "invalid_input"
    status = 422
    exit_code = 2


class Unauthenticated(RoadbedError):
    """Nobody is logged in, or the token is wrong or too old."""

    code = "unauthenticated"
    status = 401
    exit_code = 5


class Refused(RoadbedError):
    """The principal may see this, but not do it; or a policy forbids it."""

    code = "refused"
    status = 403
    exit_code = 3


class NotFound(RoadbedError):
    """There is no such thing, or the principal may not know that there is."""

    code = "not_found"
    status = 404
    exit_code = 4


class Conflict(RoadbedError):
    """The world moved on since this was asked: a stale plan, a name that is taken."""

    code = "conflict"
    status = 409
    exit_code = 1


class TooLarge(RoadbedError):
    """An input is over its size limit."""

    code = "too_large"
    status = 413
    exit_code = 2


class Unavailable(RoadbedError):
    """Something that this needs can't be reached now: the server, a database, a registry."""

    code = "unavailable"
    status = 503
    exit_code = 5


class OperationFailed(RoadbedError):
    """The work was begun and failed; what stands is as it was before."""

    code = "operation_failed"
    status = 500
    exit_code = 1


@dataclass(slots=True)
class Findings:
    """Collects problems so that all of them are reported at once."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        self.problems.append(problem)

    def raise_if_any(self, what: str) -> None:
        """Raises InvalidInput: the problem itself if it is alone, else `what` with all of them below it."""
        if not self.problems:
            return
        if len(self.problems) == 1:
            only = self.problems[0]
            raise InvalidInput(only.message, hint=only.hint, file=only.file, line=only.line, column=only.column)
        first = self.problems[0]
        raise InvalidInput(f"{what} has {len(self.problems)} problems", file=first.file, problems=self.problems)
