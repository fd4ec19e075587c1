"""Under which names programs look for a server, when nothing in their code was read.

The texts are placeholders of the resource's outputs, as detection itself would write them into a Score file.
"""

from __future__ import annotations

from collections.abc import Mapping

from roadbed.detection.domain import Part, Variable
from roadbed.detection.need_variables import READ_BY_CLIENTS, VARIABLES
from roadbed.detection.score_file import output
from roadbed.workload.document import Place

_CONVENTIONAL: Mapping[str, Mapping[str, Part]] = {
    "postgres": {"DATABASE_URL": "url"},
    "mysql": {"DATABASE_URL": "url"},
    "redis": {"REDIS_URL": "url"},
    "nats": {"NATS_URL": "url"},
    "mongodb": {"MONGODB_URL": "url"},
    "amqp": {"AMQP_URL": "url"},
    "s3": {"S3_BUCKET": "bucket", **{name: VARIABLES["s3"][name] for name in READ_BY_CLIENTS["s3"]}},
}
"""Score's type → variable → which of its outputs it holds."""

_WITHOUT_URL = frozenset(("postgres", "mysql", "redis", "mongodb", "amqp"))
"""Types that promise the parts of a URL, and not the whole."""


def conventional_variables(name: str, type_: str) -> dict[str, str]:
    """`DATABASE_URL: postgresql://${resources.db.username}:…` for the resource `name` of a type."""
    return {variable: _written(name, type_, part) for variable, part in _CONVENTIONAL.get(type_, {}).items()}


def url_variable(name: str, type_: str, prefix: str) -> dict[str, str]:
    """`DB_URL: …` for a type that has a URL made of its outputs."""
    if type_ not in _WITHOUT_URL:
        return {}
    return {f"{prefix}_URL".upper().replace("-", "_"): _written(name, type_, "url")}


def _written(name: str, type_: str, part: Part) -> str:
    return output(name, type_, Variable("", Place("", 1, 1), "need", of=name, part=part))
