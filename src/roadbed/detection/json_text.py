"""JSON as people write it: with comments, tabs and a comma too many. Read as YAML, of which the rest of it is a part.

So every value has its place, and the same limits hold as for a YAML file.
"""

from __future__ import annotations

import re

from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Node
from roadbed.workload.parsing import parse_document

# A string is taken whole, so that what looks like a comment in it is none.
_PARTS = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|\t', re.DOTALL)


def parse_json(text: str, file: str) -> Node:
    """Raises InvalidInput at the place of the fault."""
    try:
        return parse_document(_PARTS.sub(lambda part: _blank(part[0]), text), file)
    except InvalidInput as error:
        problem = error.problem
        message = problem.message.replace("valid YAML", "valid JSON").replace("YAML does", "JSON does")
        hint = None if problem.hint and "YAML" in problem.hint else problem.hint
        raise InvalidInput(message, hint=hint, file=problem.file, line=problem.line, column=problem.column) from None


def _blank(part: str) -> str:
    """As long as it was, so that places stay. A tab between values is a blank; within a string it is data."""
    if part.startswith('"'):
        return part
    return re.sub(r"[^\n]", " ", part)
