"""From a change of an application's resources to its end: the edit and the plan shown, asked about, applied."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roadbed.cli.accepted import finish
from roadbed.cli.applying import present
from roadbed.cli.here import suggesting
from roadbed.cli.output import Format, confirmed, prompt, say, show
from roadbed.cli.plan_request import refuse_if_forbidden
from roadbed.cli.resource_file import Edit, Tree, clean_lines, edit_of
from roadbed.cli.resource_view import changed, variables_told
from roadbed.cli.style import Style, is_terminal, style_of
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, NotFound, Refused, RoadbedError

if TYPE_CHECKING:
    from roadbed.client.models import ResourceProposal


@dataclass(frozen=True, slots=True)
class Manner:
    """How a change is carried out, as the options say."""

    output: Format
    yes: bool = False
    detail: bool = False
    delete_data: bool = False
    detach: bool = False
    verbose: bool = False
    final_backups: bool = True


def carry_through(client: Client, tree: Tree, environment: str, change: Mapping[str, Any], manner: Manner) -> None:
    """The file is written once the platform has taken the change, and put back if that fails: nothing is half made."""
    with suggesting(client, tree.application):
        proposal = client.resources.plan(tree.application, environment, change, all=manner.detail)
    edit = edit_of(tree, proposal["name"], proposal["declared"], new=change["action"] == "add")
    _present(proposal, edit, tree, manner)
    refuse_if_forbidden(proposal["plan"])
    delete_data = _asked(proposal, tree.application, manner)
    accepted = client.resources.change(
        tree.application, environment, change, delete_data=delete_data, final_backups=manner.final_backups
    )
    if edit is not None:
        edit.write()
    facts = {"application": tree.application, "environment": environment, "resource": proposal["name"]}
    facts["action"] = change["action"]
    try:
        finish(
            client,
            accepted,
            manner.output,
            facts=facts,
            sentence=_sentence(client, tree.application, environment),
            detach=manner.detach,
            verbose=manner.verbose,
        )
    except RoadbedError:
        if edit is not None:
            edit.undo()
        raise


def write_only(tree: Tree, environment: str, change: Mapping[str, Any], manner: Manner) -> None:
    """For an application that isn't deployed there yet: the file is all that there is to change."""
    name, declared = change["name"], _declared(change)
    edit = edit_of(tree, name, declared, new=True)
    if tree.root is None:
        raise NotFound(
            f"there is no application {tree.application!r} in {environment}, and its source isn't here",
            hint="go to the directory that holds it, or deploy it first",
        )
    if edit is not None:
        _show_diff(edit.diff, manner.output)
        _confirm("Write it?", manner)
        edit.write()
    status = "unchanged" if edit is None else "written"
    facts = {"application": tree.application, "environment": environment, "resource": name, "status": status}
    what = "It comes" if edit is not None else "Nothing was written: what the file says comes"
    show(facts, manner.output, lambda found, _style: f"{what} with the first `roadbed deploy` to {environment}.")


def _declared(change: Mapping[str, Any]) -> dict[str, Any]:
    from roadbed.workload.declarations import declaration_of, read_declaration

    said = {key: change[key] for key in ("type", "class", "params", "workloads", "prefix") if change[key]}
    return declaration_of(read_declaration(change["name"], said, file="what is to be added"))


def _present(proposal: ResourceProposal, edit: Edit | None, tree: Tree, manner: Manner) -> None:
    if edit is not None:
        _show_diff(edit.diff, manner.output)
    elif tree.root is None and (lines := proposal["diff"] or proposal["lines"]):
        say(f"The source of {tree.application} isn't here: this is set, until its {proposal['file']} says the same:")
        say(clean_lines(lines) + "\n")
    present(proposal["plan"], manner.output, detail=manner.detail, asking=not manner.yes)


_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def _show_diff(diff: str, output: Format) -> None:
    stream = sys.stdout if output is Format.text else sys.stderr
    paint = style_of(stream).paint
    lines = (paint(line, _COLOURS[line[0]]) if line[:1] in _COLOURS else line for line in diff.splitlines())
    stream.write("\n".join(lines) + "\n\n")
    stream.flush()


def _asked(proposal: ResourceProposal, application: str, manner: Manner) -> bool:
    """Goes on only after a yes; whether data may be deleted. That is never meant by --yes alone."""
    losing = proposal["loses_data"]
    if losing and not manner.delete_data:
        if manner.yes or not is_terminal(sys.stdin):
            raise InvalidInput(
                f"this deletes {proposal['name']} of {application}, with all that is in it",
                hint="say that you mean it: --delete-data",
            )
        kept = "A last backup stays for some days." if manner.final_backups else "It can't be undone."
        say(f"This deletes {proposal['name']}, with all that is in it. {kept}")
        if prompt(f"Type {proposal['name']} to go on:") != proposal["name"]:
            raise Refused("that is another name; nothing was changed")
        return True
    _confirm("Apply it?", manner)
    return losing


def _confirm(question: str, manner: Manner) -> None:
    if manner.yes:
        return
    if not is_terminal(sys.stdin):
        raise InvalidInput("nobody is here to be asked whether to go on", hint="look at it above, then give --yes")
    if not confirmed(question):
        raise Refused("you said no; nothing was changed")


def _sentence(client: Client, application: str, environment: str) -> Any:
    def say_it(result: dict[str, Any], style: Style) -> str:
        told = changed(result, style)
        if result["action"] in ("remove", "detach"):
            return told
        one = client.resources.get(application, environment, result["resource"])
        return f"{told}\n{variables_told(one)}"

    return say_it
