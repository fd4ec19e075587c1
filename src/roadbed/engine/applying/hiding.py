"""Keeps the secrets that a provider was given out of everything that comes back from it.

The one place for that: every call of a provider is made with a `Hidden`. Errors, reports and, while the call
lasts, what is logged in its name (by its own code, by a library, in a thread of `asyncio.to_thread`) pass through the
masker.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import replace as altered
from functools import cached_property
from typing import Any, Self

from roadbed.kit.errors import Problem, RoadbedError
from roadbed.kit.text import storable
from roadbed.secrets.masking import Masker


class Hidden:
    """`values` gives the secrets, and is asked only when there is something to be masked: that is rare."""

    def __init__(self, values: Callable[[], Iterable[str]] = tuple) -> None:
        self._values = values

    @cached_property
    def _masker(self) -> Masker:
        return Masker(self._values())

    def text(self, text: str) -> str:
        """What is left can be stored, too."""
        return storable(self._masker.mask(text))

    def error(self, error: RoadbedError) -> RoadbedError:
        """The same error, of its own class, with nothing secret in it; what caused it is left behind."""
        error.problem = self._problem(error.problem)
        error.problems = tuple(map(self._problem, error.problems))
        error.args = (error.message,)
        error.__cause__ = error.__context__ = None
        return error

    def _problem(self, problem: Problem) -> Problem:
        hint = None if problem.hint is None else self.text(problem.hint)
        return altered(problem, message=self.text(problem.message), hint=hint)

    def __enter__(self) -> Self:
        """What is logged until its end, in this task or one that it starts, is masked."""
        self._before = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _current.reset(self._before)


_current: ContextVar[Hidden | None] = ContextVar("hidden", default=None)


def guard_logs() -> None:
    """From now on every log record of this process that is made during a call of a provider is masked."""
    make = logging.getLogRecordFactory()
    if not isinstance(make, _Masking):
        logging.setLogRecordFactory(_Masking(make))


class _Masking:
    """Makes records with their text and traceback in final form: whatever formats them has nothing left to add."""

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *given: Any, **more: Any) -> logging.LogRecord:
        record = self._make(*given, **more)
        if (hidden := _current.get()) is not None:
            record.msg, record.args = hidden.text(record.getMessage()), None
            if record.exc_info:
                record.exc_text = hidden.text("".join(traceback.format_exception(*record.exc_info)).rstrip())
                record.exc_info = None
            if record.stack_info:
                record.stack_info = hidden.text(record.stack_info)
        return record
