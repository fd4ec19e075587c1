"""What can go wrong with golden paths."""

from __future__ import annotations

from roadbed.kit.errors import Conflict, InvalidInput, NotFound, OperationFailed


class TemplateNotFound(NotFound):
    """The platform repo has no such template."""

    code = "template_not_found"


class SourceNotFound(NotFound):
    """No golden path made a repository of that name."""

    code = "source_not_found"


class NameTaken(Conflict):
    """There is a repository of that name already."""

    code = "name_taken"


class ExpressionError(InvalidInput):
    """An expression of a template, or a file of its skeleton, can't be evaluated."""

    code = "expression_error"


class StepFailed(OperationFailed):
    """A step of a template failed, or what it deployed did."""

    code = "step_failed"
