"""Credentials that stand where many can read them, and those that everybody knows."""

from __future__ import annotations

from collections.abc import Iterator

from roadbed.policies.clouds import aws, azure, inner
from roadbed.policies.confidential import plain
from roadbed.policies.forms import looks, shown
from roadbed.policies.places import texts, variables
from roadbed.policies.pods import KUBERNETES, kind
from roadbed.policies.values import maps, unknown, word, written, yes
from roadbed.sdk import policy
from roadbed.sdk.policies import SECRET, UNKNOWN, Context, Example, Finding, PlannedResource

_INSTEAD = (
    "let the platform make it (`random.Password`, or the password that a resource puts out), or keep it with "
    "`roadbed secret set` and refer to it; then change it wherever it was used"
)


@policy(
    "no-plain-credentials",
    level="mandatory",
    reason="Whoever reads the program, its history or a plan can log in with what stands there.",
    remedy=_INSTEAD,
    refuses=[
        Example("AWS::RDS::DBInstance", {"MasterUserPassword": "hunter2-hunter2"}),
        Example("postgres:Server", {"host": "db", "username": "postgres", "password": "postgres"}),
        Example("http:Health", {"url": "https://admin:pa55word@example.com/"}),
        Example("core:Secret", {"input": "hunter2"}),
    ],
    passes=[
        Example("AWS::RDS::DBInstance", {"MasterUserPassword": SECRET, "ManageMasterUserPassword": True}),
        Example("postgres:Server", {"host": "db", "username": "postgres", "password": UNKNOWN}),
        Example("random:Password", {"length": 24}),
    ],
)
def no_plain_credentials(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    for path, name, text in texts(resource.properties):
        if what := shown(name, text):
            yield f"{path} of {resource.name} is {what}"
        elif _is_kept(resource, path) and plain(text):
            yield f"{path} of {resource.name} is plain text, and it is a secret"


def _is_kept(resource: PlannedResource, path: str) -> bool:
    """Whether all that stands there is a secret, whatever it is called."""
    first = path.partition(".")[0]
    if resource.type == "core:Secret":
        return first == "input"
    return kind(resource) == "secret" and first in ("data", "stringData")


@policy(
    "no-secrets-in-variables",
    level="mandatory",
    reason="Variables are shown in plans, logs and consoles: what stands there plainly is known to all who look.",
    remedy=_INSTEAD,
    refuses=[
        Example("runtime:Service", {"variables": {"DB_PASSWORD": "hunter2"}}),
        Example("runtime:Service", {"variables": {"DATABASE_URL": "postgres://shop:hunter2@db/shop"}}),
        Example(
            "kubernetes:apps/v1/Deployment",
            {
                "spec": {
                    "template": {"spec": {"containers": [{"name": "a", "env": [{"name": "TOKEN", "value": "x1"}]}]}}
                }
            },
        ),
    ],
    passes=[
        Example("runtime:Service", {"variables": {"DB_PASSWORD": SECRET, "DATABASE_URL": UNKNOWN, "TOKEN_TTL": "60"}}),
        Example("command:Command", {"create": ["true"], "environment": {"API_KEY": UNKNOWN, "PASSWORD_FILE": "/p"}}),
    ],
)
def no_secrets_in_variables(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    for name, value in variables(resource):
        if what := looks(written(value)) if unknown(value) else shown(name, value):
            yield f"the variable {name} of {resource.name} is {what}"


_ADMINISTRATORS = ("MasterUsername", "administratorLogin", "administratorLoginUsername", "adminUsername")


@policy(
    "no-default-administrators",
    types=[
        *aws("RDS::DBInstance", "RDS::DBCluster", "Redshift::Cluster", "DocDB::DBCluster"),
        *azure("Sql/servers", "DBforPostgreSQL/*", "DBforMySQL/*", "Compute/virtualMachines"),
    ],
    reason="Half of a login that everybody knows is half of the work for whoever tries logins.",
    remedy="choose another name for the administrator",
    config={"names": ["admin", "administrator", "root", "sa", "postgres", "mysql", "master", "user", "guest", "test"]},
    refuses=[
        Example("AWS::RDS::DBInstance", {"MasterUsername": "admin"}),
        Example("azure:Microsoft.Sql/servers", {"properties": {"administratorLogin": "sa"}}),
    ],
    passes=[
        Example("AWS::RDS::DBInstance", {"MasterUsername": "shop_owner"}),
        Example("AWS::RDS::DBInstance", {"MasterUsername": UNKNOWN}),
    ],
)
def no_default_administrators(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    properties = inner(resource.properties)
    for place in (properties, *maps(properties.get("osProfile"))):
        for name in _ADMINISTRATORS:
            if word(place.get(name)) in context.config["names"]:
                yield f"the administrator of {resource.name} is called {place[name]}"


_OPENS = {"POSTGRES_HOST_AUTH_METHOD": "trust"}
_EMPTY = ("ALLOW_EMPTY_PASSWORD", "ALLOW_EMPTY_ROOT_PASSWORD", "ALLOW_ANONYMOUS_LOGIN")
"""How variables of images are called that let anybody in."""


@policy(
    "asks-for-a-password",
    types=["redis:Database", "runtime:*", "docker:*", *KUBERNETES, *aws("ECS::TaskDefinition")],
    reason="What lets in who gives no password lets in every program on its machine, those of others too.",
    remedy="let it ask for one, and give that to the programs that need it",
    refuses=[
        Example("redis:Database", {"passwordless": True}),
        Example("runtime:Service", {"variables": {"POSTGRES_HOST_AUTH_METHOD": "trust"}}),
    ],
    passes=[Example("redis:Database"), Example("redis:Database", {"passwordless": False})],
)
def asks_for_a_password(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    if resource.type == "redis:Database" and yes(resource.properties.get("passwordless")):
        yield f"{resource.name} lets in who gives no password", "drop `passwordless`"
    for name, value in variables(resource):
        if _OPENS.get(name.upper()) == word(value) or (
            name.upper().endswith(_EMPTY) and (yes(value) or word(value) == "1")
        ):
            yield f"{resource.name} lets in who gives no password: {name} is {value}"
