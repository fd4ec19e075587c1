"""The cases of `tests/cases/detection`: a source tree, and what is understood of it. `python tests/detection_cases.py`
writes what is understood now.

A case is a folder: `tree.txt` holds the tree's files, each below a line `### path`; `summary.txt` what a person reads,
the errors included; the other files are those that `roadbed init --yes` would write.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from roadbed.detection.rendered import rendered
from roadbed.detection.source import read_application_source, read_with
from roadbed.detection.summary import compact, summary
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput
from roadbed.workload.files import from_mapping

CASES = Path(__file__).parent / "cases" / "detection"
MACHINE = {"python": ("3.11.7",), "node": ("20.20.2",)}
"""What the machine of the cases has."""


def tree_of(case: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    for part in f"\n{(case / 'tree.txt').read_text()}".split("\n### ")[1:]:
        path, _, text = part.partition("\n")
        files[path] = f"{text.rstrip(chr(10))}\n" if text.strip() else ""
    return files


def understood(files: Mapping[str, str]) -> dict[str, str]:
    """By name of a case's file: what is expected in it."""
    try:
        found = read_application_source(from_mapping(files), TreeOfTexts(files), machine=MACHINE).detection
    except InvalidInput as error:
        problems = error.problems or (error.problem,)
        lines = [f"error: {problem}{f' ({problem.hint})' if problem.hint else ''}" for problem in problems]
        return {"summary.txt": "\n".join(lines) + "\n"}
    if found is None:
        return {"summary.txt": "its Score files say it\n"}
    written = rendered(found, list(found.needs))
    read_with(from_mapping(files), written)
    lines = [f"{found.name}, by {', '.join(found.sources)}", *summary(found), "", "in short:", *compact(found)]
    return {"summary.txt": "\n".join(lines) + "\n", **written}


def expected(case: Path) -> dict[str, str]:
    paths = [path for path in case.rglob("*") if path.is_file() and path.name != "tree.txt"]
    return {path.relative_to(case).as_posix(): path.read_text() for path in paths}


def main() -> None:
    for case in sorted(CASES.iterdir()):
        for name in expected(case):
            (case / name).unlink()
        for name, text in understood(tree_of(case)).items():
            (case / name).parent.mkdir(exist_ok=True)
            (case / name).write_text(text)


if __name__ == "__main__":
    main()
