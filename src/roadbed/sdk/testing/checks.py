"""The rules, each tried by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from roadbed.kit.errors import RoadbedError
from roadbed.sdk.providers import Actual, Transient
from roadbed.sdk.testing.answers import Violation
from roadbed.sdk.testing.case import Case, Trial, trying

_TICKS = (0, 1, 2, 4, 8, 16, 32)
"""After how many turns of the event loop a creation is cut off."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule. Call it with a case; it raises Violation where the rule is broken."""

    name: str
    rule: str
    _try: Callable[[Case], Awaitable[None]]

    async def __call__(self, case: Case) -> None:
        if not case.exempt.keys() <= {check.name for check in CHECKS} or not all(case.exempt.values()):
            raise ValueError("`exempt` names rules, and says of each why it can't hold")
        if self.name not in case.exempt:
            await self._try(case)

    def __str__(self) -> str:
        return self.name


async def _declared(case: Case) -> None:
    provider, declared = case.provider, case.declared
    for name, each in provider.types.items():
        _hold(name == each.name, f"{name} and the type's own name {each.name} differ")
        _hold(name.partition(":")[0] == provider.name, f"{name} does not begin with the provider's name")
    _hold(provider.parallel >= 1, f"`parallel` of {provider.name} must be 1 or more")
    both = declared.outputs.keys() & declared.secret_outputs.keys()
    _hold(not both, f"{declared.name}: {', '.join(both)} can't be a plain output and a secret one")
    for output, properties in declared.follows.items():
        _hold(
            output in {*declared.outputs, *declared.secret_outputs},
            f"{declared.name}: `follows` names no output: {output}",
        )
        unknown = set(properties) - declared.properties.keys()
        _hold(
            not unknown,
            f"{declared.name}: {output} can't follow {', '.join(sorted(unknown))}: there is no such property",
        )
    for name, each_property in declared.properties.items():
        json.dumps(dict(each_property.schema))
        _hold(bool(each_property.description), f"{declared.name}: the property {name} needs a description")
    given = Trial(case).desired().properties
    missing = {name for name, each in declared.properties.items() if each.required} - given.keys()
    _hold(
        not missing and given.keys() <= declared.properties.keys(),
        f"{declared.name}: the case's properties are not the type's",
    )


async def _round_trip(case: Case) -> None:
    async with trying(case) as trial:
        made = await trial.create()
        _same(case, made, await trial.read(), "read right after the creation")
        _same(case, made, await trial.read(), "read again")
        if case.changed is not None:
            changed = await trial.update(case.changed)
            _same(case, changed, await trial.read(), "read right after the update")
        await trial.settle()
        await trial.delete()
        if _shows_the_world(case):
            _hold(await trial.read() is None, f"{case.type}: a read after the removal must answer None")


async def _created_again(case: Case) -> None:
    if case.declared.may_run_twice:
        return
    async with trying(case) as trial:
        first = await trial.create()
        second = await trial.create()
        _hold(first.id == second.id, f"{case.type}: a creation that was tried again made another")
        _same(case, second, await trial.read(), "read after the second attempt")
        await trial.delete()
        if _shows_the_world(case):
            _hold(await trial.read() is None, f"{case.type}: two attempts left more than one removal removes")


async def _updated_again(case: Case) -> None:
    if case.changed is None:
        return
    async with trying(case) as trial:
        await trial.create()
        first = await trial.update(case.changed)
        second = await trial.update(case.changed)
        _hold(first == second, f"{case.type}: the same update twice answered differently")


async def _deleted_again(case: Case) -> None:
    async with trying(case) as trial:
        await trial.create()
        await trial.delete()
        await trial.delete()


async def _never_made(case: Case) -> None:
    async with trying(case) as trial:
        await trial.delete(known=False)


async def _outcome_lost(case: Case) -> None:
    """The effect happened and was not recorded: it must be found by its creation's token or its URN, and removed."""
    if case.declared.may_run_twice:
        return
    async with trying(case) as trial:
        await trial.create()
        await trial.delete(known=False)
        if _shows_the_world(case):
            _hold(await trial.read() is None, f"{case.type}: it is not found for removal without its id")


async def _cut_off(case: Case) -> None:
    if case.declared.may_run_twice:
        return
    for ticks in _TICKS:
        async with trying(case) as trial:
            await _cancelled_after(trial, ticks)
            made = await trial.create()
            _same(case, made, await trial.read(), f"read after a creation that was cut off after {ticks} turns")


async def _cancelled_after(trial: Trial, ticks: int) -> None:
    work = asyncio.ensure_future(trial.create())
    for _ in range(ticks):
        await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait([work])
    if not work.cancelled() and (error := work.exception()) is not None:
        raise error


async def _imported(case: Case) -> None:
    if not case.importable:
        return
    async with trying(case) as trial:
        made = await trial.create()
        found = await case.provider.read(trial.desired(token="", secret_paths=frozenset()), made.id)
        if found is None or found.id != made.id:
            raise Violation(f"{case.type}: it can't be read by its id alone")
        _hold(found.outputs.keys() == case.declared.outputs.keys(), f"{case.type}: what is imported lacks outputs")


async def _side_by_side(case: Case) -> None:
    """The new half of a replacement stands beside the old one, under the same URN."""
    if case.declared.replacement != "create_first" or case.vary:
        return
    async with trying(case) as old, trying(case, name=old.name, token=uuid4().hex) as new:
        first, second = await old.create(), await new.create()
        _hold(first.id != second.id, f"{case.type}: the halves of a replacement have the same id")
        await old.delete()
        _same(case, second, await new.read(), "read once the old one was removed")


async def _side_effects(case: Case) -> None:
    """Two at the same time are two."""
    async with trying(case) as one, trying(case) as other:
        first, second = await asyncio.gather(one.create(), other.create())
        _hold(first.id != second.id, f"{case.type}: two resources have the same id")
        await one.delete()
        _same(case, second, await other.read(), "read once another was removed")


async def _vanished(case: Case) -> None:
    if case.vanish is None:
        return
    async with trying(case) as trial:
        made = await trial.create()
        await case.vanish(made.id)
        _hold(await trial.read() is None, f"{case.type}: what somebody removed is still read")
        await trial.delete()


async def _refused(case: Case) -> None:
    """What is refused leaves a broken row; removing that must not ask for what was refused again."""
    for properties in case.refused:
        async with trying(case) as trial:
            try:
                await trial.create(properties)
            except Transient as error:
                raise Violation(f"{case.type}: what will never work must not be Transient") from error
            except RoadbedError:
                await trial.delete(properties, known=False)
            else:
                raise Violation(f"{case.type}: it was made of what it should refuse")


async def _moved(case: Case) -> None:
    """Under another URN, with its id and token, it is still the same."""
    async with trying(case) as trial:
        made = await trial.create()
        trial.called = f"{trial.name}-moved"
        _same(case, made, await trial.read(), "read under another URN")
        if case.changed is not None:
            changed = await trial.update(case.changed)
            _same(case, changed, await trial.read(), "read after an update under another URN")
        await trial.delete()
        if _shows_the_world(case):
            _hold(await trial.read() is None, f"{case.type}: under another URN it is not removed")


async def _unsure(case: Case) -> None:
    """An update that failed leaves `{"$unknown": why}` in place of what it was to change."""
    if case.changed is None:
        return
    async with trying(case) as trial:
        await trial.create()
        given, wanted = trial.desired().properties, trial.desired(case.changed).properties
        names = {**given, **wanted}
        trial.unsure = {name for name in names if given.get(name) != wanted.get(name)}
        found = await trial.read()
        _hold(found is not None, f"{case.type}: it is not found after an update that failed")
        await trial.delete()
        if _shows_the_world(case):
            _hold(await trial.read() is None, f"{case.type}: it is not removed after an update that failed")


async def _named_again(case: Case) -> None:
    """One that takes the URN of another that was moved doesn't take the thing, too: it is made anew, or refused.

    It asks for the same place, where there can be one only: then it must be refused, and no less its removal.
    """
    async with trying(case) as moved, trying(case, name=moved.name, token=uuid4().hex) as new:
        first = await moved.create()
        moved.called = f"{moved.name}-moved"
        try:
            second = await new.create()
        except Transient as error:
            raise Violation(f"{case.type}: what another has must not be Transient") from error
        except RoadbedError:
            new.made = None
        else:
            _hold(first.id != second.id, f"{case.type}: it was taken from the one that had its URN before")
        _same(case, first, await moved.read(), "read once another had taken its URN")
        await new.delete(known=new.made is not None)
        _same(case, first, await moved.read(), "read once the other, which had taken its URN, was removed")


async def _out_of_reach(case: Case) -> None:
    if case.unreachable is None:
        return
    async with trying(case) as trial:
        with case.unreachable():
            try:
                await trial.create()
            except Transient:
                pass
            except RoadbedError as error:
                raise Violation(
                    f"{case.type}: out of reach must be Transient, not {error.__class__.__name__}"
                ) from error
            else:
                raise Violation(f"{case.type}: it was made though its world can't be reached")
        await trial.create()


def _shows_the_world(case: Case) -> bool:
    """A thing that is kept in the state alone is there as long as its row is."""
    return case.vanish is not None or case.importable


def _same(case: Case, expected: Actual, found: Actual | None, when: str) -> None:
    if found is None:
        raise Violation(f"{case.type}: {when}: nothing was found")
    _hold(found.id == expected.id, f"{case.type}: {when}: the id differs")
    for name, value in found.outputs.items():
        _hold(value == expected.outputs.get(name), f"{case.type}: {when}: the output {name!r} differs")
    for name, secret in found.secrets.items():
        _hold(secret == expected.secrets.get(name), f"{case.type}: {when}: the secret output {name!r} differs")


def _hold(holds: bool, sentence: str) -> None:
    if not holds:
        raise Violation(sentence)


CHECKS: tuple[Check, ...] = (
    Check("declared", "Types are declared without contradiction.", _declared),
    Check("round_trip", "What is made is read as it was answered, changed, and gone once it is removed.", _round_trip),
    Check("created_again", "A creation that is tried again with the same token makes nothing new.", _created_again),
    Check("updated_again", "An update that is tried again changes nothing more.", _updated_again),
    Check("deleted_again", "A removal that is tried again is no error.", _deleted_again),
    Check("never_made", "Removing what was never made is no error.", _never_made),
    Check("outcome_lost", "What a lost outcome left is found for removal without its id.", _outcome_lost),
    Check("cut_off", "A creation that was cut off anywhere can be tried again.", _cut_off),
    Check("imported", "What is there can be read by its id alone.", _imported),
    Check("side_by_side", "With `create_first` the old and the new one stand side by side.", _side_by_side),
    Check("two_at_once", "Two resources don't touch each other.", _side_effects),
    Check("refused", "What was refused can be removed: there is nothing of it.", _refused),
    Check("moved", "What was given another URN is still read, changed and removed by its id.", _moved),
    Check("unsure", "What an update that failed left is still read and removed.", _unsure),
    Check("named_again", "What takes the URN of another that was moved is not that one.", _named_again),
    Check("vanished", "What somebody removed is read as gone, and can be removed again.", _vanished),
    Check("out_of_reach", "A world that can't be reached is Transient, and worth another try.", _out_of_reach),
)
"""In every one of them no secret may stand in an output, in a property that is none, an id, a report, an error or a log
record.
"""
