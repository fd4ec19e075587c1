"""Writes `docs/reference/resources/`: a page for each provider, from its types. `python tests/type_pages.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from roadbed.backups.provider import BackupsProvider
from roadbed.catalog.provider import CatalogProvider
from roadbed.gateway.provider import GatewayProvider
from roadbed.providers.command.provider import CommandProvider
from roadbed.providers.core.provider import CoreProvider
from roadbed.providers.driver import Property, Provider, ResourceType
from roadbed.providers.file.provider import FileProvider
from roadbed.providers.http.provider import HttpProvider
from roadbed.providers.nats.provider import NatsProvider
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.random.provider import RandomProvider
from roadbed.providers.redis.provider import RedisProvider
from roadbed.providers.s3.provider import S3Provider
from roadbed.providers.tls.provider import TlsProvider
from roadbed.resource_types.domain import shape
from roadbed.runtimes.provider import RuntimeProvider
from roadbed.runtimes.scheduled.provider import ScheduledJobProvider

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "resources"
PROVIDERS: tuple[type[Provider], ...] = (
    BackupsProvider,
    CatalogProvider,
    CommandProvider,
    CoreProvider,
    FileProvider,
    GatewayProvider,
    HttpProvider,
    NatsProvider,
    PostgresProvider,
    RandomProvider,
    RedisProvider,
    RuntimeProvider,
    ScheduledJobProvider,
    S3Provider,
    TlsProvider,
)
_NOTE = "<!-- Written by tests/type_pages.py from the provider's types: change those. -->\n"


def every_type() -> dict[str, ResourceType]:
    return {name: declared for provider in PROVIDERS for name, declared in provider.types.items()}


def pages() -> dict[str, str]:
    """File name to text."""
    found = {f"{name}.md": "\n".join(_page(providers)) for name, providers in _by_name().items()}
    return {"index.md": "\n".join(_index()), **found}


def _by_name() -> dict[str, list[type[Provider]]]:
    """A capability may have several providers of one name, each with types of its own."""
    found: dict[str, list[type[Provider]]] = {}
    for provider in PROVIDERS:
        found.setdefault(provider.name, []).append(provider)
    return found


def _index() -> Iterator[str]:
    yield f"{_NOTE}\n# Resource types\n"
    yield "What a program may declare, by provider. Each type has a typed class of its name in `roadbed.sdk.types`.\n"
    for name, providers in _by_name().items():
        yield f"## [{name}]({name}.md)\n"
        types = [item for provider in providers for item in provider.types.items()]
        yield from (f"- `{type_}`: {declared.description}" for type_, declared in types)
        yield ""


def _page(providers: list[type[Provider]]) -> Iterator[str]:
    first = providers[0]
    yield f"{_NOTE}\n# Resource types of {first.name}\n"
    yield f"At most {first.parallel} are worked on at a time. [All types](index.md)\n"
    for provider in providers:
        for declared in provider.types.values():
            yield from _type(declared)


def _type(declared: ResourceType) -> Iterator[str]:
    yield f"## {declared.name}\n"
    yield f"{declared.description} {_manner(declared)}\n"
    if declared.properties:
        yield "| property | value | at a change | |\n|---|---|---|---|"
        yield from (_property(name, each) for name, each in declared.properties.items())
        yield ""
    if declared.outputs or declared.secret_outputs:
        yield "| output | changes with | |\n|---|---|---|"
        yield from _outputs(declared, declared.outputs, "")
        yield from _outputs(declared, declared.secret_outputs, "**Secret.** ")
        yield ""


def _manner(declared: ResourceType) -> str:
    stands = (
        "stands beside the old one until that is removed"
        if declared.replacement == "create_first"
        else ("is made once the old one is removed")
    )
    twice = " After a crash in the middle of its creation it may be made twice." if declared.may_run_twice else ""
    return f"A replacement {stands}.{twice}"


def _property(name: str, each: Property) -> str:
    required = " (required)" if each.required else ""
    change = "replace" if each.replace else "update"
    return f"| `{name}`{required} | {_cell(shape(each.schema))} | {change} | {_cell(each.description)} |"


def _outputs(declared: ResourceType, outputs: Mapping[str, str], mark: str) -> Iterator[str]:
    for name, description in outputs.items():
        follows = ", ".join(f"`{one}`" for one in declared.follows.get(name, ()))
        yield f"| `{name}` | {follows} | {mark}{_cell(description)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
