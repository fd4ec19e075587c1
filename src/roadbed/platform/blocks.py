"""Building blocks: what people may ask for, as the provisioners that offer it say. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from roadbed.kit.errors import InvalidInput, Problem
from roadbed.workload.reader import misspelt, nearest

_WORDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "a mapping",
}


@dataclass(frozen=True, slots=True)
class Param:
    """`types` are JSON Schema's; none says that any will do. `choices` are all that it may be, if they are few."""

    name: str
    types: tuple[str, ...] = ()
    default: Any = None
    help: str = ""
    choices: tuple[Any, ...] = ()
    required: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """As a form is made of it."""
        types = self.types[0] if len(self.types) == 1 else list(self.types)
        found = {"type": types or None, "default": self.default, "description": self.help, "enum": list(self.choices)}
        return {key: value for key, value in found.items() if value not in (None, "", [])}

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value, as the rest of a sentence that begins with the param's name."""
        if isinstance(value, str) and "${" in value:
            return None  # what it stands for is known only when it is compiled
        if self.types and not any(_is(value, type_) for type_ in self.types):
            return f"must be {' or '.join(_WORDS.get(type_, type_) for type_ in self.types)}"
        if self.choices and value not in self.choices:
            return f"must be one of {', '.join(map(str, self.choices))}"
        return None


def _is(value: Any, type_: str) -> bool:
    if isinstance(value, bool):
        return type_ == "boolean"
    kinds: Mapping[str, Any] = {
        "integer": int, "number": (int, float), "string": str, "array": list, "object": dict,
    }  # fmt: skip
    return isinstance(value, kinds.get(type_, ()))


@dataclass(frozen=True, slots=True)
class Offer:
    """One provisioner of a type: in which environments, for which classes, and with which params (None: any)."""

    environments: tuple[str, ...]
    resource_class: str
    params: tuple[Param, ...] | None
    place: str
    title: str = ""
    description: str = ""
    owner: str | None = None
    docs: str | None = None
    version: str | None = None
    maturity: str | None = None
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A type that can be asked for. `outputs` are what a workload gets of it."""

    type: str
    title: str
    description: str
    outputs: tuple[str, ...]
    offers: tuple[Offer, ...]

    @property
    def environments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for offer in self.offers for name in offer.environments))

    @property
    def owners(self) -> tuple[str, ...]:
        return tuple(sorted({offer.owner for offer in self.offers if offer.owner}))

    @property
    def maturities(self) -> tuple[str, ...]:
        return tuple(sorted({offer.maturity for offer in self.offers if offer.maturity}))

    def offered_in(self, environment: str) -> tuple[Offer, ...]:
        return tuple(offer for offer in self.offers if environment in offer.environments)

    def classes(self, environment: str) -> tuple[str, ...]:
        """Those that are named; `*` among them says that any other will do, too."""
        return tuple(dict.fromkeys(offer.resource_class for offer in self.offered_in(environment)))

    def offer(self, environment: str, resource_class: str) -> Offer | None:
        """Who satisfies a request: a class that is named before a pattern of classes."""
        fitting = [one for one in self.offered_in(environment) if fnmatchcase(resource_class, one.resource_class)]
        return min(fitting, key=lambda one: (one.resource_class == "*", "*" in one.resource_class), default=None)


def read_blocks(offers: Iterable[Mapping[str, Any]], environments: Sequence[str]) -> list[Block]:
    """From the answer of the programs' host. Those for one `id` alone are nobody's to ask for by type."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for offer in offers:
        if offer["id"] == "*":
            found.setdefault(offer["type"], []).append(offer)
    return [_block(type_, found[type_], environments) for type_ in sorted(found)]


def _block(type_: str, offers: Sequence[Mapping[str, Any]], environments: Sequence[str]) -> Block:
    first = offers[0]
    return Block(
        type=type_,
        title=next((one["title"] for one in offers if one["title"]), type_),
        description=first["description"] or _first_sentence(first["notes"]),
        outputs=tuple(first["outputs"]),
        offers=tuple(_offer(one, environments) for one in offers),
    )


def is_for(offer: Mapping[str, Any], environment: str) -> bool:
    return any(fnmatchcase(environment, pattern) for pattern in offer["environments"])


def _offer(offer: Mapping[str, Any], environments: Sequence[str]) -> Offer:
    params = offer["params"]
    return Offer(
        environments=tuple(name for name in environments if is_for(offer, name)),
        resource_class=offer["class"],
        params=None if params is None else tuple(_param(name, each) for name, each in params.items()),
        place=f"{offer['file']}:{offer['line']}",
        title=offer["title"] or "",
        description=_first_sentence(offer["notes"]),
        **{name: offer[name] for name in ("owner", "docs", "version", "maturity", "successor")},
    )


def _param(name: str, said: Mapping[str, Any]) -> Param:
    return Param(
        name,
        tuple(said.get("types", ())),
        said.get("default"),
        said.get("help", ""),
        tuple(said.get("choices", ())),
        bool(said.get("required")),
    )


def _first_sentence(text: str) -> str:
    return " ".join(text.split("\n\n", 1)[0].split())


def check_request(
    blocks: Sequence[Block], type_: str, resource_class: str, params: Mapping[str, Any], environment: str
) -> Offer:
    """Who satisfies this request. Raises InvalidInput with the nearest name for what nobody offers there."""
    block = next((one for one in blocks if one.type == type_), None)
    if block is None:
        known = [one.type for one in blocks if one.offered_in(environment)]
        hint = nearest(type_, known) or f"offered in {environment} are: {', '.join(known) or 'none'}"
        raise InvalidInput(f"nobody offers a resource of type {type_!r}", hint=hint)
    if not block.offered_in(environment):
        raise InvalidInput(f"{type_} is not offered in {environment}", hint=_elsewhere(block))
    offer = block.offer(environment, resource_class)
    if offer is None or _misspelt(resource_class, block.classes(environment)):
        classes = block.classes(environment)
        hint = nearest(resource_class, classes) or f"its classes are: {', '.join(classes)}"
        raise InvalidInput(f"{type_} has no class {resource_class!r} in {environment}", hint=hint)
    _check_params(offer, type_, params)
    return offer


def _misspelt(resource_class: str, classes: Sequence[str]) -> bool:
    """Where any class will do, one that is nearly one with a name was written wrong."""
    named = [name for name in classes if "*" not in name]
    return resource_class not in (*named, "default") and misspelt(resource_class, named) is not None


def _elsewhere(block: Block) -> str:
    where = f"it is offered in: {', '.join(block.environments)}" if block.environments else "it is offered nowhere"
    who = f"{', '.join(block.owners)} can help" if block.owners else "the platform team can help"
    return f"{where}; {who} ({block.offers[0].place})"


def _check_params(offer: Offer, type_: str, params: Mapping[str, Any]) -> None:
    if offer.params is None:
        return
    known = {one.name: one for one in offer.params}
    problems = [_unknown(name, type_, known) for name in params if name not in known]
    problems += [
        Problem(f"{name} {wrong}", known[name].help or None)
        for name, value in params.items()
        if name in known and value is not None and (wrong := known[name].problem(value))
    ]
    problems += [
        Problem(f"{type_} needs the param {one.name!r}", one.help or None)
        for one in offer.params
        if one.required and params.get(one.name) is None
    ]
    if len(problems) == 1:
        raise InvalidInput(problems[0].message, hint=problems[0].hint)
    if problems:
        raise InvalidInput(f"{type_} can't be asked for so: {len(problems)} problems", problems=problems)


def _unknown(name: str, type_: str, known: Collection[str]) -> Problem:
    told = f"it takes: {', '.join(sorted(known))}" if known else "it takes none"
    return Problem(f"{type_} has no param {name!r}", nearest(name, known) or told)
