"""Which versions of its languages a tree asks for, and what this machine has instead.

Sources of the forms: PEP 440 for Python; npm's ranges for Node; Heroku's `runtime.txt`; the version files of pyenv,
nvm, nodenv and rbenv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from roadbed.detection.domain import Process
from roadbed.detection.evidence import first_line
from roadbed.detection.packages import Packages
from roadbed.detection.tree import Tree
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

if TYPE_CHECKING:
    from roadbed.detection.go_code import GoModule
    from roadbed.detection.node_packages import NodePackages
    from roadbed.detection.ruby_code import Gems

TITLES = {"python": "Python", "node": "Node", "go": "Go", "ruby": "Ruby"}
_FILES = {
    "runtime.txt": "python",
    ".python-version": "python",
    ".nvmrc": "node",
    ".node-version": "node",
    ".ruby-version": "ruby",
}
_REFUSED = "Gemfile"
"""What it asks for is checked by who installs from it; the others only say what was there when they were written."""
_EXACT = re.compile(r"(?:python-|ruby-|v|=)?\s*(\d+(?:\.\d+){0,2})")
_PART = re.compile(r"(\^|~|>=|<=|>|<|=|v)?\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+][\w.-]*)?")
_LONGEST = 60
_PESSIMISTIC = re.compile(r"~>\s*(\d+(?:\.\d+)*)")
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """`range` is as it stands at `place`: of Python by PEP 440, of the others by npm's rules."""

    language: str
    range: str
    place: Place


def asked(
    tree: Tree, packages: Packages, node: NodePackages | None, go: GoModule | None, gems: Gems | None
) -> list[Asked]:
    """Files of their own first."""
    found = list(_of_files(tree))
    if packages.python:
        file = "Pipfile" if packages.manager == "pipenv" else "setup.cfg"
        file = file if packages.manager in ("pipenv", "setuptools") else "pyproject.toml"
        line = re.compile(r"requires-python|python_requires|python_(full_)?version|^\s*python\s*=")
        found.append(Asked("python", packages.python[:_LONGEST], first_line(tree, file, line) or Place(file, 1, 1)))
    if node and node.node:
        place = first_line(tree, "package.json", re.compile(r'"node"\s*:')) or Place("package.json", 1, 1)
        found.append(Asked("node", node.node[:_LONGEST], place))
    if go and go.go:
        found.append(Asked("go", f">={go.go}"[:_LONGEST], go.place))
    if gems and gems.ruby:
        line_of = first_line(tree, "Gemfile", re.compile(r"^\s*ruby\b")) or Place("Gemfile", 1, 1)
        found.append(Asked("ruby", gems.ruby[:_LONGEST], line_of))
    found += _of_dockerfile(tree)
    return found


def _of_files(tree: Tree) -> Iterator[Asked]:
    for file, language in _FILES.items():
        for number, line in enumerate((tree.text(file) or "").splitlines()[:20], start=1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield Asked(language, line.strip()[:_LONGEST], Place(file, number, 1))
                break


def _of_dockerfile(tree: Tree) -> list[Asked]:
    if "Dockerfile" not in tree:
        return []
    from roadbed.detection.dockerfile import read_bases

    return [Asked(base.language, base.version[:_LONGEST], base.place) for base in read_bases(tree)]


def asked_in_variables(processes: Mapping[str, Process]) -> Iterator[Asked]:
    """Where other platforms are told a version by a variable."""
    for process in processes.values():
        for language in TITLES:
            variable = process.variables.get(f"{language.upper()}_VERSION")
            if variable is not None and variable.value:
                yield Asked(language, variable.value.strip()[:_LONGEST], variable.place)


Machine: TypeAlias = Mapping[str, Iterable[str]]
"""The versions that a machine has by language, that which it uses first; a language that it lacks is not in it."""


def remarks(wanted: list[Asked], machine: Machine) -> list[Problem]:
    """What the machine lacks."""
    found = (_remark(one, machine.get(one.language, ())) for one in wanted)
    return [problem for problem in found if problem is not None]


def lacking(languages: Mapping[str, Place], machine: Machine) -> list[Problem]:
    """A language that is needed and that the machine doesn't have at all."""
    return [
        place.problem(
            f"this needs {TITLES[language]}, which is not on this machine",
            f"install {TITLES[language]} for all of its users (below /usr), and deploy again",
        )
        for language, place in languages.items()
        if language not in machine
    ]


def _remark(wanted: Asked, versions: Iterable[str]) -> Problem | None:
    if any(matches(wanted, version) for version in versions) or not (has := list(versions)):
        return None
    title = TITLES[wanted.language]
    if matches(wanted, has[0]) is None:
        return wanted.place.problem(f"{wanted.range!r} is no version of {title} that is known here; {has[0]} is used")
    others = f" (and {', '.join(has[1:])})" if has[1:] else ""
    then = "Bundler refuses another" if wanted.place.file == _REFUSED else f"{has[0]} is used"
    return wanted.place.problem(
        f"this asks for {title} {_shown(wanted.range)}; this machine has {has[0]}{others}, and {then}",
        f"install {title} {_shown(wanted.range)} on the platform's machine, or ask for {has[0]} here",
    )


def _shown(range_: str) -> str:
    match = _EXACT.fullmatch(range_)
    return match[1] if match else range_


def matches(wanted: Asked, has: str) -> bool | None:
    """Whether a version fits; None for a range that nobody can read.

    An exact version is one of a line that is kept compatible: of Node the first number says it, of others the second.
    """
    if exact := _EXACT.fullmatch(wanted.range):
        compatible = 3 if wanted.place.file == _REFUSED else 1 if wanted.language == "node" else 2
        kept = min(compatible, exact[1].count(".") + 1)
        return _numbers(exact[1])[:kept] == _numbers(has)[:kept]
    if wanted.language == "python":
        from roadbed.detection.python_versions import fits_python

        return fits_python(wanted.range, has)
    return _fits_npm(_PESSIMISTIC.sub(_as_npm, wanted.range) if wanted.language == "ruby" else wanted.range, has)


def _as_npm(match: re.Match[str]) -> str:
    """`~> 3.2` goes up to 4, `~> 3.2.1` up to 3.3."""
    return f"{'~' if match[1].count('.') > 1 else '^'}{match[1]}"


def _fits_npm(range_: str, has: str) -> bool | None:
    version = _numbers(has)
    if range_.strip() in ("", "*", "x", "latest", "current", "node", "lts/*", "lts"):
        return True
    verdicts = [_fits_all(one, version) for one in range_.split("||")]
    return None if None in verdicts else any(verdicts)


def _fits_all(range_: str, version: tuple[int, ...]) -> bool | None:
    """Every comparator of one alternative."""
    text = _HYPHEN.sub(r">=\1 <=\2", range_.strip())
    found = list(_PART.finditer(text))
    if not found or _PART.sub("", text).replace(",", "").strip():
        return None
    return all(_fits_one(match[1] or "", match.groups()[1:], version) for match in found)


def _fits_one(operator: str, parts: tuple[str | None, ...], version: tuple[int, ...]) -> bool:
    numbers = [int(part) for part in parts if part and part.isdigit()]
    given = tuple(numbers)
    low, high = _padded(given), _next(given)
    match operator:
        case ">=":
            return version >= low
        case ">":
            return version >= high if len(given) < 3 else version > low
        case "<":
            return version < low
        case "<=":
            return version < high
        case "^":
            kept = next((index + 1 for index, number in enumerate(given) if number), len(given))
            return low <= version < _next(given[:kept])
        case "~":
            return low <= version < _next(given[:2])
        case _:
            return low <= version < high


def _padded(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return (*numbers, 0, 0, 0)[:3]


def _next(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The first version behind all that begin with these numbers."""
    return _padded((*numbers[:-1], numbers[-1] + 1)) if numbers else (10**9, 0, 0)


def _numbers(version: str) -> tuple[int, ...]:
    return _padded(tuple(int(part) for part in re.findall(r"\d+", version)[:3]))
