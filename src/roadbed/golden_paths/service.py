"""The door of golden paths."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from roadbed.audit.service import Audit
from roadbed.catalog.domain import owner_of
from roadbed.catalog.errors import EntityNotFound
from roadbed.catalog.references import DEFAULT_NAMESPACE, EntityRef
from roadbed.catalog.service import Catalog
from roadbed.control.domain import Operation
from roadbed.control.service import Operations
from roadbed.golden_paths.actions.debugging import DEBUG_ACTIONS
from roadbed.golden_paths.actions.deploying import deploy_action
from roadbed.golden_paths.actions.files import FILE_ACTIONS
from roadbed.golden_paths.actions.publishing import catalog_actions, publish_action
from roadbed.golden_paths.actions.titles import TITLES
from roadbed.golden_paths.domain import DryRun, Template
from roadbed.golden_paths.driver import Deployer
from roadbed.golden_paths.errors import SourceNotFound
from roadbed.golden_paths.evaluation import Evaluation, check_input
from roadbed.golden_paths.forms import Picker, fill, pickers
from roadbed.golden_paths.library import Library
from roadbed.golden_paths.rehearsal import Rehearsal
from roadbed.golden_paths.repositories import Repositories
from roadbed.golden_paths.runner import KIND, Runner, begin_step
from roadbed.kit.access import Authorise, Target
from roadbed.kit.errors import Findings, InvalidInput, Problem
from roadbed.storage.call import Call

LANES = 3
"""How many runs go on at once. Each waits for a deployment, so they may never take all of a worker's places."""


class GoldenPaths:
    """`root` is the platform repo, `home` ROADBED_HOME. Registers itself with `operations`."""

    def __init__(
        self,
        *,
        root: Path,
        home: Path,
        operations: Operations,
        catalog: Catalog,
        deployer: Deployer,
        authorise: Authorise,
        audit: Audit,
    ) -> None:
        self._repositories = Repositories(home / "repositories")
        actions = (
            *FILE_ACTIONS,
            *DEBUG_ACTIONS,
            *catalog_actions(catalog, self._repositories),
            publish_action(self._repositories, catalog, deployer),
            deploy_action(deployer, operations),
        )
        self._actions = {action.id: action for action in actions}
        self._library = Library(root, TITLES)
        self._operations = operations
        self._catalog = catalog
        self._authorise = authorise
        self._audit = audit
        runner = Runner(self._actions, root=root, workspaces=home / "workspaces")
        operations.register(KIND, runner.handle)

    async def templates(self, call: Call) -> Sequence[Template]:
        """The golden paths, by name."""
        self._authorise(call.principal, "template.view", Target("template"))
        return self._library.templates()

    async def template(self, call: Call, name: str) -> Template:
        """Raises TemplateNotFound, or InvalidInput for one that is wrong."""
        self._authorise(call.principal, "template.view", Target("template", name))
        return self._library.template(name)

    async def run(self, call: Call, name: str, parameters: Mapping[str, Any]) -> Operation:
        """Begins a golden path, as an operation whose result is the template's output.

        Raises InvalidInput naming each parameter that is wrong, NameTaken, and whatever else can be seen to fail
        before anything is made.
        """
        template = await self.template(call, name)
        self._authorise(call.principal, "template.run", Target("template", template.name))
        evaluation = await self._evaluation(call, template, parameters)
        subject = await self._check(call, evaluation)
        operation = await self._operations.enqueue(
            call,
            kind=KIND,
            title=f"Make {subject.name} from “{template.title}”",
            target=subject,
            input={
                "template": self._library.text(template),
                "file": template.file,
                "parameters": evaluation.parameters,
                "user": evaluation.user,
            },
            lock=f"golden-paths-{zlib.crc32(subject.name.encode()) % LANES}",
            steps=list(self._steps(template)),
        )
        detail = {"template": template.name, "operation": operation.id}
        await self._audit.record(call, "template.run", subject, detail=detail)
        return operation

    def _steps(self, template: Template) -> Iterator[tuple[str, str]]:
        """Each step's name and title, behind what is begun for it, once, if that is sure."""
        for step in template.steps:
            action = self._actions[step.action]
            if action.begin and step.condition is None and step.each is None:
                yield begin_step(step), action.begin_title
            yield step.id, step.name

    async def dry_run(self, call: Call, name: str, parameters: Mapping[str, Any]) -> DryRun:
        """What a run would make. Nothing outside a temporary folder is changed."""
        template = await self.template(call, name)
        self._authorise(call.principal, "template.run", Target("template", template.name))
        evaluation = await self._evaluation(call, template, parameters)

        @asynccontextmanager
        async def transaction() -> AsyncIterator[Call]:
            yield call

        return await Rehearsal(self._actions, evaluation, root=self._library.root, transaction=transaction).run()

    async def bundle(self, call: Call, application: str) -> bytes:
        """The source that a golden path made for an application, as a git bundle. Raises SourceNotFound."""
        owner = await self._owner_of(call, application)
        self._authorise(call.principal, "application.view", Target("application", application, owner=owner))
        if not self._repositories.exists(application):
            raise SourceNotFound(f"no golden path made the source of {application}", hint="its team keeps it elsewhere")
        return await self._repositories.bundle(application)

    async def _evaluation(self, call: Call, template: Template, parameters: Mapping[str, Any]) -> Evaluation:
        values = fill(template.pages, parameters)
        await self._pick(call, pickers(template.pages), values)
        return Evaluation(template, values, await self._user(call), run="")

    async def _pick(self, call: Call, fields: Sequence[Picker], values: dict[str, Any]) -> None:
        """Writes picked entities out in full. Raises InvalidInput for those that aren't in the catalog."""
        findings = Findings()
        for picker in fields:
            if isinstance(text := values.get(picker.field), str):
                try:
                    values[picker.field] = str(await self._picked(call, picker, text))
                except (InvalidInput, EntityNotFound) as error:
                    hint = error.hint or await self._choices(call, picker)
                    findings.add(Problem(f"{picker.field}: {error.message}", hint))
        findings.raise_if_any("the form")

    async def _picked(self, call: Call, picker: Picker, text: str) -> EntityRef:
        ref = EntityRef.parse(text, default_kind=picker.kinds[0] if picker.kinds else None)
        if picker.kinds and ref.kind not in picker.kinds:
            raise InvalidInput(f"{ref} is a {ref.kind} and no {' or '.join(picker.kinds)}")
        return (await self._catalog.entity(call, ref)).ref

    async def _choices(self, call: Call, picker: Picker) -> str | None:
        found = await self._catalog.entities(call, [f"kind={kind}" for kind in picker.kinds], limit=20)
        names = [str(view.ref) for view in found.items]
        return f"there are {', '.join(names)}" if names else None

    async def _user(self, call: Call) -> dict[str, Any]:
        """Who asks, with their entity where they have one."""
        name = call.principal.name if call.principal else "nobody"
        try:
            ref = EntityRef.of("user", DEFAULT_NAMESPACE, name)
            return {"ref": str(ref), "entity": (await self._catalog.entity(call, ref)).to_dict()}
        except EntityNotFound:
            return {"ref": str(ref), "entity": None}

    async def _check(self, call: Call, evaluation: Evaluation) -> Target:
        """Asks each action, as far as its input is known, whether it will succeed. Gives what is going to be made."""
        owner = _owner(evaluation)
        subject = Target("application", evaluation.template.name, owner=owner)
        for step in evaluation.template.steps:
            action = self._actions[step.action]
            if action.check is None or step.each is not None:
                continue
            for occasion in evaluation.occasions(step):
                check_input(step, action, occasion.input)
                await action.check(call, occasion.input, owner)
                name = occasion.input.get("application") or occasion.input.get("name")
                subject = Target("application", str(name), owner=owner)
        if subject.name != evaluation.template.name:
            self._authorise(call.principal, "application.create", subject)
        return subject

    async def _owner_of(self, call: Call, application: str) -> str | None:
        try:
            found = await self._catalog.entity(call, EntityRef.of("component", DEFAULT_NAMESPACE, application))
        except EntityNotFound:
            return None
        return owner_of(found.document["spec"].get("owner"))


def _owner(evaluation: Evaluation) -> str | None:
    """The group that was picked as the owner of what is made."""
    for picker in pickers(evaluation.template.pages):
        if set(picker.kinds) <= {"group", "user"} and picker.kinds:
            return owner_of(evaluation.parameters.get(picker.field))
    return None
