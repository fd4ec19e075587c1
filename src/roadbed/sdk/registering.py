"""What is asked of a function that is registered: a wrong one is refused at its own line, before anybody calls it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from roadbed.sdk.errors import ProgramError


def check_name(kind: str, name: object) -> None:
    """Raises ProgramError for `@policy` without a name, which would register nothing."""
    if not isinstance(name, str):
        raise ProgramError(f"@{kind} is given no name", f'write @{kind}("…") above the function')


def check_function(kind: str, function: Callable[..., Any], *given: str) -> None:
    """Raises ProgramError for what can't be called with these arguments, in this order."""
    name = getattr(function, "__name__", repr(function))
    instead = f"write: def {name}({', '.join(given)})"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise ProgramError(f"the {kind} {name} is asynchronous, and nobody awaits it", instead)
    signature = inspect.signature(function)
    try:
        signature.bind(*given)
    except TypeError:
        takes = ", ".join(signature.parameters) or "nothing"
        message = f"the {kind} {name} takes ({takes}), and is called with ({', '.join(given)})"
        raise ProgramError(message, instead) from None
