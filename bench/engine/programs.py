"""The same infrastructure, written for both: `roadbed.py` for us, `main.tf` for terraform. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

Shape: TypeAlias = Literal["independent", "layered"]
WIDTH = 10
"""Of a layer; each of its resources refers to one of the layer before."""

_INDEPENDENT = """\
from roadbed.sdk import Resource

for i in range({count}):
    Resource("core:Data", f"r{{i}}", input=f"v{{i}}")
"""

# What is referred to is as short as terraform's `id`, so that the last layer costs what the first does.
_LAYERED = """\
from roadbed.sdk import Resource

layer = []
for i in range({count}):
    before = layer[i - {width}] if i >= {width} else None
    given = [f"v{{i}}", before.output[0]] if before else [f"v{{i}}"]
    layer.append(Resource("core:Data", f"r{{i}}", input=given))
"""

_SLOW = """\
from roadbed.sdk import Resource

for i in range({count}):
    Resource("bench:Slow", f"r{{i}}")
"""


def program(shape: Shape, count: int) -> str:
    return {"independent": _INDEPENDENT, "layered": _LAYERED}[shape].format(count=count, width=WIDTH)


def slow_program(count: int) -> str:
    """Resources of a provider that takes its time over each call."""
    return _SLOW.format(count=count)


def terraform(shape: Shape, count: int) -> str:
    """`terraform_data` changes nothing in the world, as our `core:Data` does."""
    return "".join(
        f'resource "terraform_data" "r{number}" {{\n  input = {_input(shape, number)}\n}}\n' for number in range(count)
    )


def _input(shape: Shape, number: int) -> str:
    if shape == "independent" or number < WIDTH:
        return f'"v{number}"'
    return f'"${{terraform_data.r{number - WIDTH}.id}}-v{number}"'
