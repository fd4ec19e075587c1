"""The door to waivers: ask for one, decide on it, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from roadbed.audit.service import Audit
from roadbed.control.events import Events
from roadbed.kit.access import Authorise, Target, may, require_somebody
from roadbed.kit.clock import Clock
from roadbed.kit.errors import Conflict, InvalidInput, Refused
from roadbed.kit.ids import new_id
from roadbed.policy.service import Policies
from roadbed.storage.call import Call
from roadbed.waivers import repository
from roadbed.waivers.domain import Subject, Waiver, check_wish, decided, revoked
from roadbed.waivers.settings import WaiverSettings


@dataclass(frozen=True, slots=True)
class Found:
    """What a subject is to the platform: the group that owns it, the kind of its environment (None for several)."""

    owner: str | None
    kind: str | None


class Subjects(Protocol):
    """Who knows stacks and applications."""

    async def find(self, call: Call, subject: Subject) -> Found:
        """Raises NotFound, with the nearest name, for what there is not or the caller may not see."""
        ...


class Waivers:
    def __init__(
        self,
        authorise: Authorise,
        audit: Audit,
        events: Events,
        clock: Clock,
        policies: Policies,
        subjects: Subjects,
        settings: WaiverSettings,
    ) -> None:
        self._authorise, self._audit, self._events, self._clock = authorise, audit, events, clock
        self._policies, self._subjects, self.settings = policies, subjects, settings

    async def request(self, call: Call, policy: str, subject: str, why: str, until: datetime | None) -> Waiver:
        """Asks for one: another person with the right decides.

        Raises InvalidInput for one without an end, or one that is past or too far off; NotFound, with the nearest name,
        for a policy or subject that there is not; Conflict where the same is asked for already, and not decided.
        """
        principal = require_somebody(call.principal)
        about = Subject.parse(subject)
        found = await self._subjects.find(call, about)
        now = self._clock.now()
        if until is None:
            raise InvalidInput("a waiver must have an end", hint="say until when it is needed: --days 14")
        wanted = Waiver(
            id=new_id("wv"),
            policy=policy,
            subject=about,
            owner=found.owner,
            kind=found.kind,
            why=why.strip(),
            until=until,
            asked_by=str(principal),
            asked_at=now,
        )
        self._authorise(principal, "waiver.request", _asked(wanted))
        (await self._policies.book(call)).get(policy)
        check_wish(why, until, now, self.settings.longest)
        await self._check_unasked(call, wanted, now)
        await repository.add(call.session, wanted)
        await self._told(call, wanted, "waiver.request", {"why": wanted.why})
        return wanted

    async def waivers(self, call: Call, place: str | None = None, policy: str | None = None) -> Sequence[Waiver]:
        """Those that the caller may see, the newest first; of an application or module (`orders`), a stack
        (`orders@prod`) or a policy if one is named.
        """
        require_somebody(call.principal)
        owner, _, environment = (place or "").partition("@")
        found = await repository.waivers(call.session, place=owner or None, policy=policy)
        here = [one for one in found if one.environment in (None, environment or one.environment)]
        return [one for one in here if may(self._authorise, call.principal, "waiver.view", one.target)]

    async def awaiting(self, call: Call) -> Sequence[Waiver]:
        """Those that the caller has to do something about, the newest first: to decide on, or to ask for again or do
        without, since they end soon.
        """
        principal, now = require_somebody(call.principal), self._clock.now()
        found = await repository.pressing(call.session, now, now + self.settings.soon)
        return [one for one in found if self._concerns(call, one, str(principal), now)]

    def _concerns(self, call: Call, one: Waiver, principal: str, now: datetime) -> bool:
        if one.status(now) == "waiting":
            return self.may_decide(call, one)
        return one.asked_by == principal or may(self._authorise, call.principal, "waiver.request", _asked(one))

    async def waiver(self, call: Call, id_: str) -> Waiver:
        """Raises NotFound."""
        require_somebody(call.principal)
        found = await repository.waiver(call.session, id_)
        self._authorise(call.principal, "waiver.view", found.target)
        return found

    async def approve(self, call: Call, id_: str, comment: str = "") -> Waiver:
        """From now on until its end it acts, also on plans that there are. Raises Refused for who asked for it."""
        return await self._decide(call, id_, comment, approve=True)

    async def refuse(self, call: Call, id_: str, comment: str = "") -> Waiver:
        return await self._decide(call, id_, comment, approve=False)

    async def revoke(self, call: Call, id_: str, comment: str = "") -> Waiver:
        """It acts no more. Who asked for it may take it back, too."""
        require_somebody(call.principal)
        found = await repository.waiver(call.session, id_, lock=True)
        self._authorise(call.principal, "waiver.revoke", found.target)
        ended = revoked(found, str(call.principal), comment=comment.strip(), now=self._clock.now())
        await repository.save(call.session, ended)
        await self._told(call, ended, "waiver.revoke", {"comment": comment})
        return ended

    def may_decide(self, call: Call, one: Waiver) -> bool:
        """Whether the caller may: what a page offers."""
        mine = str(require_somebody(call.principal)) == one.asked_by
        return not mine and may(self._authorise, call.principal, "waiver.decide", one.target)

    def may_revoke(self, call: Call, one: Waiver) -> bool:
        return may(self._authorise, require_somebody(call.principal), "waiver.revoke", one.target)

    async def _decide(self, call: Call, id_: str, comment: str, *, approve: bool) -> Waiver:
        principal = require_somebody(call.principal)
        found = await repository.waiver(call.session, id_, lock=True)
        self._authorise(principal, "waiver.decide", found.target)
        if principal.kind != "user":
            raise Refused(f"a person decides on a waiver, not {principal}", hint="log in as yourself: roadbed login")
        done = decided(found, str(principal), approve=approve, comment=comment.strip(), now=self._clock.now())
        await repository.save(call.session, done)
        await self._told(call, done, "waiver.decide", {"decision": done.decision, "comment": done.comment})
        return done

    async def _check_unasked(self, call: Call, wanted: Waiver, now: datetime) -> None:
        there = await repository.waivers(call.session, place=wanted.subject.owner, policy=wanted.policy)
        for one in there:
            if one.subject == wanted.subject and one.status(now) == "waiting":
                raise Conflict(
                    f"{one.asked_by} asked for that already: {one.id} is to be decided on",
                    hint=f"another person decides: roadbed waiver approve {one.id}",
                )

    async def _told(self, call: Call, one: Waiver, action: str, more: dict[str, str]) -> None:
        detail = {"policy": one.policy, "for": one.subject.name, "until": one.until.isoformat(), **more}
        await self._audit.record(call, action, one.target, detail=detail)
        await emit(self._events, call, "waiver.changed", one)


async def emit(events: Events, call: Call, type_: str, one: Waiver) -> None:
    """To who may see it: a plan of what it is for may be judged otherwise by now."""
    about = {"owner": one.owner, "user": one.asked_by, "for": one.subject.name}
    await events.emit(call, type_, f"waiver:{one.id}", about)


def _asked(one: Waiver) -> Target:
    """What permission to ask is asked for: nobody has it for having asked."""
    attributes = {"kind": one.kind} if one.kind else {}
    return Target("waiver", f"for {one.subject.name}", one.owner, one.environment, attributes)
