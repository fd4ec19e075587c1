"""Policies as they are shown: what there is, and how each is meant where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from roadbed.platform.domain import Environment
from roadbed.platform.packs import Pack
from roadbed.policy.book import Book, Unloaded
from roadbed.policy.domain import Effective, PolicyInfo


@dataclass(frozen=True, slots=True)
class Meant:
    """How a policy is meant in an environment."""

    environment: str
    kind: str
    effective: Effective


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy, the pack that it is from, and how it is meant in each environment that the caller may see."""

    info: PolicyInfo
    pack: Pack
    on: bool
    meant: tuple[Meant, ...]


@dataclass(frozen=True, slots=True)
class PackView:
    """A pack, whether it is on, and how many policies it has."""

    pack: Pack
    on: bool
    policies: int


@dataclass(frozen=True, slots=True)
class PolicyList:
    """`unloaded` are files of packs that are on: what they hold refuses every plan."""

    policies: Sequence[PolicyView]
    packs: Sequence[PackView]
    environments: Sequence[Environment]
    unloaded: Sequence[Unloaded]


def policy_list(book: Book, environments: Sequence[Environment]) -> PolicyList:
    views = [policy_view(book, info, environments) for info in book.policies.values()]
    views.sort(key=lambda view: (not view.on, view.info.pack, view.info.name))
    unloaded = [one for one in book.unloaded if one.pack in book.configuration.on]
    return PolicyList(views, list(_packs(book)), environments, unloaded)


def policy_view(book: Book, info: PolicyInfo, environments: Iterable[Environment]) -> PolicyView:
    meant = (Meant(one.name, one.kind, book.configuration.effective(info, one.name, one.kind)) for one in environments)
    return PolicyView(info, book.pack(info.pack), info.pack in book.configuration.on, tuple(meant))


def _packs(book: Book) -> Iterator[PackView]:
    for pack in book.packs:
        count = sum(1 for info in book.policies.values() if info.pack == pack.name)
        yield PackView(pack, pack.name in book.configuration.on, count)
