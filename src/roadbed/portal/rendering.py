"""Templates: Jinja with autoescape, our components as `ui`, and the content security policy of every page."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from roadbed.kit.clock import Clock, isoformat
from roadbed.portal import formatting
from roadbed.portal.assets import Assets
from roadbed.portal.components.plan_words import DONE, WORDS
from roadbed.portal.components.tones import tone

TEMPLATES = Path(__file__).parent / "templates"

SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class _Compiled(BytecodeCache):
    """What this process has compiled. A server renders pages and its errors' pages apart, by the same templates."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := self._code.get((bucket.key, bucket.checksum))) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_compiled = _Compiled()


class Templates:
    """Renders pages, and the parts of them that change."""

    def __init__(self, assets: Assets, clock: Clock) -> None:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=_compiled,
        )
        environment.filters.update(
            ago=lambda at: formatting.ago(at, clock.now()),
            until=lambda at: formatting.until(at, clock.now()),
            seconds=lambda count: formatting.lasting(timedelta(seconds=count)),
            iso=isoformat,
            lasting=formatting.lasting,
            megabytes=formatting.megabytes,
            plain=formatting.plain,
            counted=formatting.counted,
            digests=formatting.digests,
            done=lambda action: DONE.get(action, action),
            path=formatting.path_of,
            planned=lambda action: WORDS.get(action, action),
            initials=formatting.initials,
            ref=formatting.short_reference,
            sentence=formatting.sentence,
            shown=formatting.shown,
            word=formatting.shell_word,
            stamp=_stamp,
        )
        ui = SimpleNamespace()
        environment.globals.update(part=False, ui=ui, tone=tone, asset=assets.url, now=clock.now)
        for name in sorted(environment.list_templates(filter_func=_is_component)):
            vars(ui).update(_macros(environment, name))
        self._environment = environment

    def page(self, name: str, **context: Any) -> str:
        return self._environment.get_template(name).render(**context)

    def part(self, name: str, **context: Any) -> str:
        """What a page fetches anew of itself: its live part; all of a page that has none."""
        return self.page(name, part=True, **context)


def _is_component(name: str) -> bool:
    return name.startswith("components/")


def _macros(environment: Environment, name: str) -> dict[str, Any]:
    module = environment.get_template(name).module
    return {key: value for key, value in vars(module).items() if not key.startswith("_")}


def _stamp(at: datetime) -> str:
    """`21 Nov 2026, 10:24:05 UTC`."""
    return f"{at:%-d %b %Y, %H:%M:%S} UTC"
