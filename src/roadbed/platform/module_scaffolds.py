"""What `roadbed platform new module` writes: a stack of the platform team, whose exports others use. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from roadbed.kit.errors import InvalidInput
from roadbed.workload.reader import nearest

_DESCRIPTOR = """apiVersion: roadbed.dev/v1
kind: Module
metadata:
  name: {name}
  owner: {owner}
  description: {description}
environments: all
"""

_DATABASE = '''"""One PostgreSQL database that several applications share.

Whoever uses it is recorded, and keeps it from going.

A provisioner or a program reads it as `stack("{name}")["host"]`.
"""

from roadbed.sdk import export
from roadbed.sdk.types import postgres

shared = postgres.Database("shared", protect=True)

for part in ("host", "port", "name", "username", "password"):
    export(part, shared[part])
'''

_NETWORK = '''"""What stacks of an environment have in common: its zone, and an authority that signs for what is inside.

A program reads it as `stack("{name}")["zone"]`.
"""

from roadbed.sdk import context, export
from roadbed.sdk.types import tls

TEN_YEARS = 10 * 365 * 24

key = tls.PrivateKey("authority", algorithm="ECDSA", ecdsa_curve="P256", protect=True)
authority = tls.SelfSignedCert(
    "authority",
    private_key_pem=key.private_key_pem,
    subject={{"common_name": f"{name} of {{context.environment}}"}},
    validity_period_hours=TEN_YEARS,
    allowed_uses=["cert_signing", "crl_signing"],
    is_ca_certificate=True,
)

export("zone", f"{{context.environment}}.internal")
export("authority_certificate", authority.cert_pem)
export("authority_key", key.private_key_pem)
'''

_BACKUPS = '''"""A bucket that backups go to. It keeps older versions, and can't go while somebody uses it.

A provisioner or a program reads it as `stack("{name}")["bucket"]`.
"""

from roadbed.sdk import export
from roadbed.sdk.types import s3

bucket = s3.Bucket("backups", versioned=True, protect=True)

for part in ("bucket", "endpoint", "region", "access_key_id", "secret_key"):
    export(part, bucket[part])
'''

KINDS: Mapping[str, tuple[str, str]] = {
    "database": ("A PostgreSQL database that several applications share.", _DATABASE),
    "network": ("The zone of an environment, and the authority that signs for what is inside.", _NETWORK),
    "backups": ("A bucket that backups go to.", _BACKUPS),
}


def module(name: str, owner: str, kind: str) -> Mapping[str, str]:
    """The files of `modules/NAME/`, by their paths in it. Raises InvalidInput, with the nearest name, for a kind."""
    if kind not in KINDS:
        hint = nearest(kind, KINDS) or f"there are: {', '.join(KINDS)}"
        raise InvalidInput(f"there is no module like {kind!r} to begin with", hint=hint)
    description, program = KINDS[kind]
    words = {"name": name, "owner": owner, "description": description}
    return {"roadbed.yaml": _DESCRIPTOR.format(**words), "roadbed.py": program.format(**words)}
