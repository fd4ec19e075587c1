"""`python -m bench [NAME…]`. Ends with 1 only if a figure could not be measured; one short of its goal is a result."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from bench.figures import Report

HERE = Path(__file__).parent


def names() -> list[str]:
    """Each folder with a `measurements.py`: `PLANNED` names its figures, `measurements()` takes them."""
    return sorted(path.parent.name for path in HERE.glob("*/measurements.py"))


def run(name: str) -> bool:
    """Whether every figure could be measured."""
    module = import_module(f"bench.{name}.measurements")
    report = Report(name, module.PLANNED)
    report.run(module.measurements())
    print(f"\n{report.table()}\n\nwritten to {report.write(HERE / 'out')}")
    return report.complete


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(names()):
        print(f"no such bench: {', '.join(sorted(unknown))}; there are: {', '.join(names())}", file=sys.stderr)
        return 2
    complete = [run(name) for name in wanted or names()]
    return 0 if all(complete) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
