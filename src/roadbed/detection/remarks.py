"""What somebody should know of a tree that is understood well enough to run it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from roadbed.detection.code import Code
from roadbed.detection.domain import Need, Process, Variable, front
from roadbed.detection.evidence import shown
from roadbed.detection.need_variables import DRIVERS, password_beside
from roadbed.detection.tree import Tree, below
from roadbed.detection.versions import Machine, asked, asked_in_variables, lacking, remarks
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

_PYTHON = ("requirements.txt", "pyproject.toml", "Pipfile")
_ASK_FOR_PASSWORDS = {
    "postgres": "",
    "redis": "; or let all programs of this machine in: `params: {passwordless: true}` of it in the Score file",
    "nats": "",
}
"""Score's type → what else than a password opens it."""
_READS_PORT = re.compile(r"PORT|gunicorn|puma|rails|\.output/server")


def untold(processes: Mapping[str, Process], reads: Mapping[str, Place], code: Code) -> tuple[str, ...]:
    """The names of servers that were never told of PORT."""
    if "PORT" in reads or _reads_port(code):
        return ()
    return tuple(
        name
        for name, process in processes.items()
        if process.public and process.command is not None and not _READS_PORT.search(process.command)
    )


def not_listening(processes: Iterable[Process]) -> Iterator[Problem]:
    """`processes` are those that were never told of PORT."""
    for process in processes:
        message = f"nothing tells {process.name!r} to listen on $PORT: only one replica of it can run"
        yield process.place.problem(message, "read PORT from the environment, or name it in the command")


def _reads_port(code: Code) -> bool:
    """Frameworks that do so whatever the code says."""
    return any(
        name in code.names
        for name in (
            "next",
            "nuxt",
            "@remix-run/serve",
            "@react-router/serve",
            "@strapi/strapi",
            "fastify-cli",
            "@sveltejs/adapter-node",
        )
    )


def without_address(processes: Mapping[str, Process]) -> Iterator[Problem]:
    """An application has one address of its own."""
    first = front(processes)
    for name, process in processes.items():
        if process.public and name != first:
            message = f"{name!r} gets no requests from outside: the application's address is that of {first!r}"
            yield process.place.problem(message, "give it a path in its Score file: `roadbed init` writes it")
        elif process.listens and first is None:
            message = f"{name!r} is reached from inside only: no file publishes a port of it"
            yield process.place.problem(message, "publish it there, or give it a route in its Score file")


def packages_apart(tree: Tree, processes: Mapping[str, Process]) -> Iterator[Problem]:
    """One environment has one version of each Python package: where the root lists some, those are installed."""
    root = next((file for file in _PYTHON if file in tree), None)
    for folder in dict.fromkeys(below(process.folder) for process in processes.values()):
        listed = next((f"{folder}/{file}" for file in _PYTHON if folder and f"{folder}/{file}" in tree), None)
        if root is not None and listed is not None and tree.text(root) != tree.text(listed):
            message = f"this is not installed: the packages of {root} are, for all of the tree"
            yield Place(listed, 1, 1).problem(message, f"list what {shown(folder)} needs in {root}, too")


def led_to(
    needs: Mapping[str, Need], processes: Mapping[str, Process], shared: Mapping[str, Variable]
) -> tuple[dict[str, Need], list[Problem]]:
    """Those needs that a variable leads to. A server that no program is told of would run for nobody."""
    every = [shared, *(process.variables for process in processes.values())]
    used = {variable.of for variables in every for variable in variables.values() if variable.origin == "need"}
    used |= {one.of for process in processes.values() for one in _contents(process) if one.origin == "need"}
    left = [need for need in needs.values() if need.name not in used]
    notes = [
        need.place.problem(
            f"no variable leads to {need.name!r}, a {need.type}: it is left out",
            "have the program read where it is from a variable, and name that here",
        )
        for need in left
    ]
    return {name: need for name, need in needs.items() if need not in left}, notes


def without_password(
    needs: Mapping[str, Need], processes: Mapping[str, Process], shared: Mapping[str, Variable]
) -> Iterator[Problem]:
    """A server that is found by its host lets nobody in here who gives no password, as those of a developer's machine
    do.
    """
    for process in processes.values():
        given = ({**shared, **process.variables}).values()
        led = [one for one in (*given, *_contents(process)) if one.origin == "need"]
        for need in (needs[name] for name in dict.fromkeys(str(one.of) for one in led) if name in needs):
            parts = {one.part: one for one in led if one.of == need.name}
            leading = parts.get("host", parts.get("address"))
            if leading is not None and need.type in _ASK_FOR_PASSWORDS and not parts.keys() & {"url", "password"}:
                password = password_beside(leading.name)
                yield leading.place.problem(
                    f"{leading.name} leads to {need.name!r}, which lets nobody in without a password, and no variable"
                    " holds that",
                    f"have the program read {password}, and name it where its variables are listed, if they are"
                    f"{_ASK_FOR_PASSWORDS[need.type]}",
                )


def _contents(process: Process) -> list[Variable]:
    """What its files are made of."""
    return [file.content for file in process.files.values()]


def not_offered(needs: Mapping[str, Need]) -> Iterator[Problem]:
    """Told before anything is built: whether a platform has it is known only once all is planned."""
    for need in needs.values():
        if need.type not in DRIVERS:
            message = f"Roadbed itself has no {need.type}: only a platform whose team has added it can deploy this"
            yield need.place.problem(message, "to do without, deploy what `roadbed init --no-needs` writes")


def version_remarks(tree: Tree, code: Code, processes: Mapping[str, Process], machine: Machine) -> list[Problem]:
    wanted = [*asked(tree, code.packages, code.node, code.go, code.gems), *asked_in_variables(processes)]
    return [*remarks(wanted, machine), *lacking(code.languages, machine)]
