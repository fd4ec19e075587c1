"""What Score's resource types promise to a workload: the outputs that a provisioner must return.

Score leaves them to its implementations; these are the names that Score files in use refer to. A type that isn't here
is a platform's own, and its outputs are whatever its provisioner returns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Contract:
    """`outputs` must be there, `optional` ones may, any other only with `open`. `params` are those that are known,
    `required` those of them that whoever asks must give.

    Each is mapped to what it is. Text of an output that is a `secret` is one.
    """

    description: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    required: Collection[str] = ()
    open: bool = False

    def problem(self, given: Collection[str]) -> str | None:
        """What is wrong with outputs of these names, as the rest of a sentence; None for nothing."""
        missing = [name for name in self.outputs if name not in given]
        known = (*self.outputs, *self.optional)
        unknown = [] if self.open else [name for name in given if name not in known]
        parts = []
        if missing:
            parts.append(f"leaves out {', '.join(missing)}")
        if unknown:
            parts.append(f"adds {', '.join(f'{name!r}{meant(name, missing or known)}' for name in unknown)}")
        return " and ".join(parts) or None

    def said(self) -> str:
        """The outputs in one sentence."""
        if self.open:
            return "its outputs are any"
        optional = f", and perhaps {', '.join(self.optional)}" if self.optional else ""
        return f"its outputs are {', '.join(self.outputs) or 'none'}{optional}"


def meant(name: str, known: Collection[str]) -> str:
    """The end of a sentence on a name that nobody knows: the one that is perhaps meant."""
    near = get_close_matches(name, known, 1)
    return f" (is that {near[0]!r}?)" if near else ""


_HOST, _PORT = {"host": "Where it is."}, {"port": "Its TCP port."}
_LOGIN = {"username": "Who logs in.", "password": "The password, a secret."}
_ADDRESS = {**_HOST, **_PORT}
_SERVER = {**_ADDRESS, **_LOGIN}
_DATABASE = {**_ADDRESS, "name": "The database.", "database": "The same.", **_LOGIN}
_CONNECTION = {"connection": "All of it as one connection string, a secret."}

_PROTECT = {"protect": "Whether a plan that would delete or replace it is refused; true in production, else false."}
_KEPT = {
    "backups": "When it is backed up: `@daily`, or `{schedule: 0 3 * * *, timezone: …, keep: 7, days: 30}`.",
    **_PROTECT,
}

CONTRACTS: Mapping[str, Contract] = {
    "amqp": Contract("A virtual host of an AMQP 0-9-1 broker.", {**_ADDRESS, "vhost": "The virtual host.", **_LOGIN}),
    "dns": Contract(
        "A host name under which the workload is reached from outside.",
        {"host": "The name."},
        {"url": "It with its scheme, and the port where that isn't the scheme's own."},
    ),
    "elasticsearch": Contract("An Elasticsearch.", _SERVER),
    "endpoint": Contract(
        "The address of another workload, as a URL.",
        {"url": "The URL, with a slash at its end.", "name": "The workload."},
        params={
            "port": "Which of its service ports: a name or a public number; its only one when left out.",
            "workload": "The workload; the resource's own name, or the last part of its id, when left out.",
        },
    ),
    "environment": Contract("What is different in each environment and no secret: any key.", open=True),
    "kafka-topic": Contract(
        "A topic of a Kafka broker.",
        {**_ADDRESS, "name": "The topic.", "num_partitions": "How many partitions it has."},
    ),
    "mongodb": Contract("A MongoDB.", {**_SERVER, **_CONNECTION}),
    "mssql": Contract(
        "A database of a Microsoft SQL Server.",
        {"server": "Where it is.", **_PORT, **_CONNECTION, "database": "The database.", **_LOGIN},
    ),
    "mysql": Contract("A MySQL database.", _DATABASE),
    "nats": Contract(
        "An account of a NATS server, with JetStream. A type of Roadbed's own.",
        {**_SERVER, "url": "All of it as one URL, a secret."},
        params=_PROTECT,
    ),
    "postgres": Contract("A PostgreSQL database.", _DATABASE, params=_KEPT),
    "postgres-instance": Contract(
        "A login that may make databases of its own on a PostgreSQL server.", _SERVER, params=_PROTECT
    ),
    "redis": Contract(
        "A Redis, or what speaks its protocol.",
        _SERVER,
        params={
            "max_memory_mb": "How much it may hold, in MB; 128.",
            "passwordless": "Whether programs that give no password are let in, and so every one; false.",
            **_KEPT,
        },
    ),
    "route": Contract(
        "Lets requests in from outside.",
        params={
            "host": "The host name that they are for.",
            "path": "The path that they begin with; `/`.",
            "port": "The workload's service port: a name, or the public number.",
        },
        required=("host", "port"),
    ),
    "s3": Contract(
        "A bucket of an object store that speaks S3, with keys for it.",
        {
            "bucket": "Its name.",
            "access_key_id": "The access key.",
            "secret_key": "The secret key, a secret.",
            "endpoint": "The URL of the object store.",
            "region": "Its region.",
            "aws_access_key_id": "The access key, again.",
            "aws_secret_key": "The secret key, again.",
        },
        params={
            "versioned": "Whether objects keep their older versions; false.",
            "force_destroy": "Whether the bucket is deleted with its objects, once that is told; true.",
            **_KEPT,
        },
    ),
    "secret": Contract(
        "A secret that nobody chose, made once. A type of Roadbed's own.",
        {"value": "The text, a secret."},
        params={"length": "How many characters it has; 50."},
    ),
    "service": Contract(
        "The address of another workload.",
        {"name": "Host and port, as they stand in a URL: `http://${resources.backend.name}/`."},
        {"hostname": "The host alone.", "port": "The port alone."},
        params={
            "port": "Which of its service ports: a name or a public number; its only one when left out.",
            "workload": "The workload; the resource's own name, or the last part of its id, when left out.",
        },
    ),
    "service-port": Contract(
        "The address of a service port of another workload.",
        {"hostname": "Where it is.", "port": "The port to connect to."},
        params={"workload": "The workload.", "port": "A name or a public number."},
        required=("workload", "port"),
    ),
    "volume": Contract(
        "A place for files that stays.",
        {"source": "What a container's volume names as its source."},
        params={
            "size": "How much it is to hold at most, `10Gi`: here it is measured and shown, not enforced.",
            **_KEPT,
        },
    ),
}
