"""Expressions in `${{ }}`, evaluated in Jinja's sandbox with the semantics of Backstage's (Nunjucks) templates.

- A text that is one single expression keeps its type; mixed with other text it is text.
- What is missing prints nothing; lists print `a,b`, booleans `true`. Nothing is HTML-escaped.
- `===` compares; `{{ }}` is plain text; `{% %}` and `{# #}` work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from jinja2 import ChainableUndefined, TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.environment import Template
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.sandbox import SandboxedEnvironment

from roadbed.golden_paths.errors import ExpressionError
from roadbed.golden_paths.filters import FILTERS, as_text

MAX_OUTPUT = 4_000_000
"""The longest text, in characters, that one template may become."""

_FAILURES = (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError, RecursionError)
_MAX_POWER = 64
_MAX_REPEATED = 100_000


class _Missing(ChainableUndefined):
    """What isn't there: prints nothing, compares as neither smaller nor larger, and so do its own fields."""

    def _never(self, other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _never  # type: ignore[assignment]  # Jinja's own never return


class _StrictEquality(Extension):
    """`===` and `!==`, which Nunjucks has from JavaScript."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        after: str | None = None
        for token in stream:
            if not (token.type == "assign" and after in {"eq", "ne"}):
                yield token
            after = token.type


class _Environment(SandboxedEnvironment):
    intercepted_binops = frozenset({"+", "*", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The fields of a map are its keys, as in JavaScript: `values.items` is data and no method."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if attribute == "length" and isinstance(obj, (str, Sequence)):
            return len(obj)
        return super().getattr(obj, attribute)

    def unsafe_undefined(self, obj: Any, attribute: str) -> NoReturn:
        """Said aloud, where a missing value would pass unnoticed."""
        raise SecurityError(f"{attribute!r} of {type(obj).__name__} is not for templates")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
            return as_text(left) + as_text(right)
        _check_size(operator, left, right)
        return super().call_binop(context, operator, left, right)


def _check_size(operator: str, left: Any, right: Any) -> None:
    """Arithmetic may not fill the memory."""
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    if operator == "**" and not (numbers and abs(left) <= _MAX_REPEATED and abs(right) <= _MAX_POWER):
        raise SecurityError("that power is too large")
    if operator == "*" and not numbers:
        size = sum(side if isinstance(side, int) else len(side) for side in (left, right))
        if size > _MAX_REPEATED:
            raise SecurityError("that is too long")


def environment(
    *, start: str = "${{", end: str = "}}", trim: bool = False, lstrip: bool = False
) -> SandboxedEnvironment:
    """`start` and `end` stand around expressions; `trim` and `lstrip` are Jinja's trim_blocks and lstrip_blocks."""
    made = _Environment(
        variable_start_string=start,
        variable_end_string=end,
        trim_blocks=trim,
        lstrip_blocks=lstrip,
        keep_trailing_newline=True,
        autoescape=False,
        undefined=_Missing,
        finalize=as_text,
        extensions=[_StrictEquality],
    )
    made.filters.update(FILTERS)
    return made


_STANDARD = environment()


def render_text(
    text: str, context: Mapping[str, Any], *, file: str | None = None, using: SandboxedEnvironment = _STANDARD
) -> str:
    """The text with its expressions put in. Raises ExpressionError with the line of `file`."""
    try:
        return _joined(using.from_string(text), context)
    except TemplateSyntaxError as error:
        _fail(error.message or "it cannot be read", text, file, error.lineno)
    except (
        TemplateError,
        ArithmeticError,
        TypeError,
        ValueError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        _fail(str(error) or type(error).__name__, text, file, _line_of(error))


def render_value(value: Any, context: Mapping[str, Any], *, file: str | None = None) -> Any:
    """A value with every text in it evaluated. Entries of maps whose result is missing or empty are left out."""
    result = _render(value, context, file)
    return None if isinstance(result, Undefined) else result


def is_true(value: Any) -> bool:
    """As JavaScript and Backstage see a condition: false, null, "", 0 and [] are not."""
    return not (value is None or value is False or value in ("", 0) or (isinstance(value, list) and not value))


def check_syntax(value: Any, *, file: str | None = None) -> None:
    """Raises ExpressionError for the first text in `value` that can't be evaluated whatever the context."""
    if isinstance(value, str):
        try:
            _STANDARD.parse(value)
        except (TemplateSyntaxError, RecursionError) as error:
            _fail(str(error), value, file, None)
    elif isinstance(value, Mapping):
        for child in value.values():
            check_syntax(child, file=file)
    elif isinstance(value, list):
        for child in value:
            check_syntax(child, file=file)


def _render(value: Any, context: Mapping[str, Any], file: str | None) -> Any:
    if isinstance(value, str):
        return _render_string(value, context, file)
    if isinstance(value, Mapping):
        rendered = ((key, _render(child, context, file)) for key, child in value.items())
        return {key: child for key, child in rendered if not isinstance(child, Undefined)}
    if isinstance(value, list):
        items = [_render(child, context, file) for child in value]
        return [None if isinstance(item, Undefined) else item for item in items]
    return value


def _render_string(text: str, context: Mapping[str, Any], file: str | None) -> Any:
    if "${{" not in text and "{%" not in text and "{#" not in text:
        return text or _Missing()
    try:
        if (expression := _single(text)) is not None:
            return _plain(_STANDARD.compile_expression(expression, undefined_to_none=False)(**context))
    except TemplateSyntaxError as error:
        _fail(error.message or "it cannot be read", text, file, None)
    except (
        TemplateError,
        ArithmeticError,
        TypeError,
        ValueError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        _fail(str(error) or type(error).__name__, text, file, None)
    return render_text(text, context, file=file) or _Missing()


def _single(text: str) -> str | None:
    """The expression that the whole text is, or None."""
    match _STANDARD.parse(text).body:
        case [nodes.Output(nodes=[node])] if not isinstance(node, nodes.TemplateData):
            return text.strip()[len("${{") : -len("}}")].strip("-+")
    return None


def _plain(value: Any) -> Any:
    """Data only: what an expression gives is stored as JSON."""
    if value is None or isinstance(value, (bool, int, float, str, Undefined)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(child) for key, child in value.items()}
    if isinstance(value, (set, frozenset)):
        return [_plain(item) for item in sorted(value, key=str)]
    if isinstance(value, Iterable) and not callable(value):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} is no value that a template can use")


def _joined(template: Template, context: Mapping[str, Any]) -> str:
    parts, size = [], 0
    for part in template.generate(**context):
        size += len(part)
        if size > MAX_OUTPUT:
            raise SecurityError(f"it becomes longer than {MAX_OUTPUT:,} characters")
        parts.append(part)
    return "".join(parts)


def _line_of(error: Exception) -> int | None:
    """Jinja maps the frames of a template's traceback to the template's own lines."""
    line, frame = None, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = frame.tb_lineno
        frame = frame.tb_next
    return line


def _fail(reason: str, text: str, file: str | None, line: int | None) -> NoReturn:
    shown = text.strip() if len(text) < 120 and "\n" not in text.strip() else "a text"
    raise ExpressionError(f"{shown} cannot be evaluated: {reason[:300]}", file=file, line=line) from None
