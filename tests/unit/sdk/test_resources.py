"""Resources, their options and components, as the graph document has them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from roadbed.sdk import Alias, Component, Resource, context, export, read, secret, stack
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.program import Context, Program, inside, running
from roadbed.sdk.types import gateway, postgres


@pytest.fixture
def program() -> Iterator[Program]:
    with running(Program("orders@dev", Context("orders@dev", "dev", "development", "group:default/team"))) as program:
        yield program


class Network(Component):
    def __init__(self, name: str, *, cidr: str, **options: Any) -> None:
        super().__init__("acme:Network", name, inputs={"cidr": cidr}, **options)
        with self:
            vpc = Resource("aws:Vpc", "vpc", cidr=cidr)
            self.subnets = [Resource("aws:Subnet", f"subnet-{i}", vpc=vpc.id) for i in range(2)]
        self.outputs(vpc_id=vpc.id, size=2)


def _urns(program: Program) -> list[str]:
    return list(program.resources)


def test_resources_are_collected_with_their_place_in_the_users_file(program: Program) -> None:
    with inside("web"):
        database = postgres.Database("db")
        gateway.Route("route", host=f"{database.host}.example", workload="web", port="http")
    first, second = program.document()["resources"]
    assert first["urn"] == "orders@dev/web/db#postgres:Database"
    assert first["source"]["file"] == __file__
    assert second["properties"]["host"] == {"$join": [{"$ref": [first["urn"], "host"]}, ".example"]}
    assert "options" not in first


def test_options_stand_in_the_document(program: Program) -> None:
    server = Resource("postgres:Server", "server")
    Resource(
        "postgres:Database",
        "db",
        {"name": "x"},
        depends_on=[server],
        protect=True,
        retain_on_delete=True,
        ignore_changes=["a.b"],
        replace_on_changes=["*"],
        delete_before_replace=True,
        aliases=["old", Alias(type="pg:Database", parent="net"), "orders@dev/a/b#t:T"],
        import_="orders",
        provider=server,
        timeouts={"create": "5m", "delete": 90},
    )
    found = program.document()["resources"][1]
    assert found["properties"] == {"name": "x"}
    assert found["depends_on"] == [server.urn]
    assert found["options"] == {
        "protect": True,
        "retain_on_delete": True,
        "ignore_changes": ["a.b"],
        "replace_on_changes": ["*"],
        "delete_before_replace": True,
        "aliases": ["orders@dev/old#postgres:Database", "orders@dev/net/db#pg:Database", "orders@dev/a/b#t:T"],
        "import": "orders",
        "provider": server.urn,
        "timeouts": {"create": 300, "delete": 90},
    }


def test_a_component_holds_what_is_declared_inside(program: Program) -> None:
    network = Network("net", cidr="10.0.0.0/16")
    component, vpc, *subnets = program.document()["resources"]
    assert component["kind"] == "component"
    assert component["urn"] == "orders@dev/net#acme:Network"
    assert component["properties"]["inputs"] == {"cidr": "10.0.0.0/16"}
    assert component["properties"]["outputs"] == {"vpc_id": {"$ref": [vpc["urn"], "id"]}, "size": 2}
    assert vpc["urn"] == "orders@dev/net/vpc#aws:Vpc"
    assert component["depends_on"] == [vpc["urn"], *(one["urn"] for one in subnets)]
    assert network.size == 2
    assert network["vpc_id"].expression == {"$ref": [vpc["urn"], "id"]}
    line = test_a_component_holds_what_is_declared_inside.__code__.co_firstlineno + 1
    assert component["source"] == {"file": __file__, "line": line}
    with pytest.raises(ProgramError, match="no output 'vpcid'") as refused:
        _ = network.vpcid
    assert refused.value.hint == "did you mean 'vpc_id'?"


def test_options_of_a_component_are_inherited(program: Program) -> None:
    first = Resource("x:First", "first")
    server = Resource("postgres:Server", "server")
    with Component("acme:Outer", "outer", depends_on=[first], protect=True, provider=server):
        Resource("postgres:Database", "a")
        Resource("file:File", "b", protect=False)
        with Component("acme:Inner", "inner", retain_on_delete=True):
            Resource("postgres:Database", "c", retain_on_delete=False)
            Resource("postgres:Database", "d")
    by_name = {one["name"]: one for one in program.document()["resources"]}
    assert by_name["a"]["options"] == {"protect": True, "provider": server.urn}
    assert by_name["a"]["depends_on"] == [first.urn]
    assert "options" not in by_name["b"]
    assert by_name["c"]["options"] == {"protect": True, "provider": server.urn}
    assert by_name["d"]["options"] == {"protect": True, "retain_on_delete": True, "provider": server.urn}
    assert by_name["outer"]["depends_on"][-1] == by_name["inner"]["urn"]


def test_what_a_component_holds_moves_with_it(program: Program) -> None:
    with Component("acme:Outer", "outer", aliases=["was"]), Component("acme:Inner", "in", aliases=[Alias(parent="")]):
        Resource("x:Y", "thing", aliases=["old"])
    by_name = {one["name"]: one for one in program.document()["resources"]}
    assert by_name["outer"]["options"]["aliases"] == ["orders@dev/was#acme:Outer"]
    assert by_name["in"]["options"]["aliases"] == ["orders@dev/was/in#acme:Inner", "orders@dev/in#acme:Inner"]
    assert by_name["thing"]["options"]["aliases"] == [
        "orders@dev/was/in/thing#x:Y",
        "orders@dev/in/thing#x:Y",
        "orders@dev/outer/in/old#x:Y",
        "orders@dev/was/in/old#x:Y",
        "orders@dev/in/old#x:Y",
    ]


def test_stacks_secrets_reads_and_exports(program: Program) -> None:
    legacy = postgres.Database.read("legacy", id="crm")
    other = read("aws:Vpc", "vpc", stack("network@dev")["vpc_id"])
    export("url", f"postgres://{legacy.host}:{secret('PASSWORD')}")
    document = program.document()
    first, second = document["resources"]
    assert (first["kind"], first["id"]) == ("read", "crm")
    assert second["id"] == {"$import": ["network@dev", "vpc_id"]}
    assert isinstance(legacy, postgres.Database)
    assert document["exports"]["url"]["$join"][-1] == {"$secret": "PASSWORD"}
    assert document["export_sources"]["url"]["file"] == __file__
    assert stack("network")["x"].expression == {"$import": ["network@dev", "x"]}
    assert other.urn == "orders@dev/vpc#aws:Vpc"
    assert (context.stack, context.environment, context.kind) == ("orders@dev", "dev", "development")
    assert context.owner == "group:default/team"


def _thing(**given: Any) -> Resource:
    return Resource("x:Thing", "thing", **given)


def _export_twice() -> None:
    export("a", 1)
    export("a", 2)


def _twice() -> None:
    component = Component("x:C", "d")
    component.outputs(a=1)
    component.outputs(a=2)


MISUSE: dict[str, tuple[Callable[[], Any], str, str]] = {
    "a type without a provider": (lambda: Resource("Thing", "a"), "'Thing' is no resource type", "provider:Name"),
    "a name with a slash": (lambda: Resource("x:T", "a/b"), "'a/b' can't be the name of x:T", "without spaces"),
    "no name": (lambda: Resource("x:T", ""), "'' can't be the name", "1 to 128"),
    "a name that isn't text": (lambda: Resource("x:T", 3), "3 can't be the name", "1 to 128"),  # type: ignore[arg-type]
    "a reference as a name": (lambda: Resource("x:T", f"{_thing().id}"), "can't hold a reference", "known before"),
    "a reference as a type": (lambda: Resource(f"x:{_thing().id}", "a"), "can't hold a reference", "known before"),
    "one dependency": (lambda: _thing(depends_on=Resource("x:T", "a")), "depends_on must be a list", "depends_on=[db]"),
    "a reference as dependency": (lambda: _thing(depends_on=[Resource("x:T", "a").id]), "depends_on takes", "[db]"),
    "protect": (lambda: _thing(protect="yes"), "protect must be True or False, not 'yes'", ""),
    "one path": (lambda: _thing(ignore_changes="size"), "ignore_changes must be a list, not 'size'", '["size"'),
    "no path": (lambda: _thing(replace_on_changes=[3]), "takes names of properties, not 3", '["size"]'),
    "a wrong alias": (lambda: _thing(aliases=[3]), "an alias can't be 3", "earlier name"),
    "an empty alias": (lambda: _thing(aliases=[Alias()]), "an empty alias", "earlier name"),
    "one alias": (lambda: _thing(aliases="old"), "aliases must be a list", "earlier name"),
    "an alias of another stack": (lambda: _thing(aliases=["a@b/c#x:T"]), "another stack", "stack move"),
    "an alias that is no URN": (lambda: _thing(aliases=["c#x:T"]), "is no URN", "orders@dev/path/name"),
    "a deferred import": (lambda: _thing(import_=secret("A")), "can't hold a reference", "known before"),
    "no import": (lambda: _thing(import_=""), "import_ must be text", ""),
    "a provider that is none": (lambda: _thing(provider="x"), "provider must be a resource", "declare it"),
    "another's provider": (lambda: _thing(provider=Resource("y:S", "s")), "can't configure the provider of x:", "no x"),
    "an unknown time-out": (lambda: _thing(timeouts={"make": 1}), "timeouts has no 'make'", "create, read"),
    "a time-out in words": (lambda: _thing(timeouts={"create": "soon"}), "create can't be 'soon'", '"5m"'),
    "an endless time-out": (lambda: _thing(timeouts={"create": float("inf")}), "above zero", ""),
    "no time": (lambda: _thing(timeouts={"create": 0}), "above zero", ""),
    "a resource as property": (lambda: _thing(host=Resource("x:T", "a")), "'host' can't hold a Resource", "db.host"),
    "a set property": (
        lambda: setattr(_thing(), "size", 3),
        "'size' of orders@dev/thing#x:Thing can't be set",
        "where",
    ),
    "a duplicate": (lambda: (_thing(), _thing()), "declared twice", "first in"),
    "a component's property": (lambda: Component("x:C", "c", size=3), "no option 'size'", "resources that it holds"),
    "an output twice": (_twice, "declared twice", ""),
    "Resource.read": (lambda: Resource.read("a", id="b"), "needs a typed class", "roadbed.sdk.read"),
    "a read without id": (lambda: read("x:T", "a", ""), "the id of orders@dev/a#x:T must be text", ""),
    "its own exports": (lambda: stack("orders@dev"), "can't import from itself", "value itself"),
    "no stack": (lambda: stack("No One"), "'No One' is no stack", "owner@environment"),
    "a wrong export": (lambda: export("a b", 1), "can't be the name of an export", "letters"),
    "an export twice": (_export_twice, "'a' is exported twice", "another name"),
    "an export of bytes": (lambda: export("a", b""), "'a' can't hold a bytes", "decode"),
}


@pytest.mark.parametrize(("misuse", "message", "hint"), MISUSE.values(), ids=MISUSE.keys())
def test_misuse_is_refused(program: Program, misuse: Callable[[], Any], message: str, hint: str) -> None:
    with pytest.raises(ProgramError) as refused:
        misuse()
    assert message in refused.value.message
    assert hint in (refused.value.hint or "")


def test_a_provisioner_cannot_export() -> None:
    with running(Program("orders@dev", exporting=False)), pytest.raises(ProgramError, match="can't export"):
        export("a", 1)


@pytest.mark.parametrize("declare", [_thing, lambda: export("a", 1), lambda: context.stack, lambda: stack("a")])
def test_nothing_is_declared_outside_of_a_program(declare: Callable[[], Any]) -> None:
    with pytest.raises(ProgramError, match="outside of a program"):
        declare()


def test_the_sdk_needs_the_standard_library_only_and_little_of_it() -> None:
    code = "import sys; before = set(sys.modules); import roadbed.sdk; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded <= {*sys.stdlib_module_names, "roadbed"}
    assert not loaded & {"asyncio", "http", "email", "logging", "subprocess"}
