"""Containers that own the machine which they run on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import aws, declared
from roadbed.policies.pods import KUBERNETES, Container, containers, pod
from roadbed.policies.values import at, maps, no, number, several, word, yes
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_HOST = ("hostNetwork", "hostPID", "hostIPC")
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd", "/:")


def _example(spec: Mapping[str, Any], container: Mapping[str, Any]) -> Example:
    template = {"spec": {**spec, "containers": [{"name": "web", "image": "web:1.2.0", **container}]}}
    return Example("kubernetes:apps/v1/Deployment", {"spec": {"template": template}})


@policy(
    "no-privileged-containers",
    level="mandatory",
    types=[*KUBERNETES, "docker:*", *aws("ECS::TaskDefinition", "Batch::JobDefinition", "CodeBuild::Project")],
    reason="Whoever breaks into a privileged container has the machine, and all that runs there.",
    remedy="drop it, and run the program as a user of its own; add the one capability that it needs, if any",
    config={
        "capabilities": [
            *("ALL", "SYS_ADMIN", "NET_ADMIN", "NET_RAW", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "SYS_BOOT"),
            *("SYS_TIME", "SYSLOG", "BPF", "PERFMON", "MAC_ADMIN", "MAC_OVERRIDE", "AUDIT_CONTROL", "DAC_READ_SEARCH"),
        ]
    },
    refuses=[
        _example({}, {"securityContext": {"privileged": True}}),
        _example({"hostNetwork": True}, {}),
        _example({"volumes": [{"name": "d", "hostPath": {"path": "/var/run/docker.sock"}}]}, {}),
        Example("AWS::ECS::TaskDefinition", {"ContainerDefinitions": [{"Name": "web", "Privileged": "true"}]}),
    ],
    passes=[
        _example({"securityContext": {"runAsNonRoot": True}}, {"securityContext": {"privileged": False}}),
        _example({}, {"securityContext": {"privileged": UNKNOWN, "capabilities": {"add": ["NET_BIND_SERVICE"]}}}),
        Example("AWS::ECS::TaskDefinition", {"ContainerDefinitions": [{"Name": "web", "Privileged": False}]}),
    ],
)
def no_privileged_containers(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    bad = context.config["capabilities"]
    for what in (*_pod(resource), *_containers(resource, bad), *_elsewhere(resource, bad)):
        yield f"{resource.name}: {what}"


def _pod(resource: PlannedResource) -> Iterator[str]:
    spec = pod(resource)
    for name in _HOST:
        if yes(spec.get(name)):
            yield f"{name} is true"
    for volume in maps(spec.get("volumes")):
        if isinstance(host := volume.get("hostPath"), Mapping):
            yield f"the volume {volume.get('name')} is the machine's own {host.get('path')}"


def _containers(resource: PlannedResource, bad: list[str]) -> Iterator[str]:
    around = at(pod(resource), "securityContext")
    for container in containers(resource):
        own = at(container.properties, "securityContext")
        for name in ("privileged", "allowPrivilegeEscalation"):
            if yes(at(own, name)):
                yield f"{name} is true in the container {container.name}"
        user = at(own, "runAsUser")
        user = at(around, "runAsUser") if user is None else user
        never = at(own, "runAsNonRoot")
        if number(user) == 0:
            yield f"the container {container.name} runs as root"
        elif user is None and no(at(around, "runAsNonRoot") if never is None else never):
            yield f"the container {container.name} may run as root"
        yield from _unmasked(own, container)
        yield from _capabilities(at(own, "capabilities.add"), bad, container.name)


def _unmasked(own: Any, container: Container) -> Iterator[str]:
    """What else of the machine's own a container is given."""
    if word(at(own, "procMount")) == "unmasked":
        yield f"procMount is Unmasked in the container {container.name}"
    if word(at(own, "seccompProfile.type")) == "unconfined":
        yield f"seccompProfile is Unconfined in the container {container.name}"
    for port in maps(container.properties.get("ports")):
        if number(port.get("hostPort"), 0):
            yield f"the container {container.name} takes the machine's own port {port['hostPort']}"


def _elsewhere(resource: PlannedResource, bad: list[str]) -> Iterator[str]:
    """In ECS and Batch, and containers of Docker by themselves."""
    properties = declared(resource)
    if yes(properties.get("privileged")) or yes(at(properties, "Environment.PrivilegedMode")):
        yield "it is privileged"
    for name in ("PidMode", "IpcMode", "NetworkMode"):
        if word(properties.get(name)) == "host":
            yield f"{name} is host"
    for place in ("volumes", "binds"):
        for one in several(properties.get(place)):
            if isinstance(one, str) and one.startswith(_SOCKETS):
                yield f"it is given the machine's own {one.partition(':')[0]}"
    yield from _capabilities(properties.get("cap_add"), bad, resource.name)
    for one in (*maps(properties.get("ContainerDefinitions")), *maps(properties.get("ContainerProperties"))):
        name = one.get("Name", "")
        if yes(one.get("Privileged")):
            yield f"the container {name} is privileged".replace("container  is", "container is")
        if word(one.get("User")).partition(":")[0] in ("root", "0"):
            yield f"the container {name} runs as root".replace("container  runs", "container runs")
        yield from _capabilities(at(one, "LinuxParameters.Capabilities.Add"), bad, str(name))


def _capabilities(added: Any, bad: list[str], container: str) -> Iterator[str]:
    for one in several(added):
        if isinstance(one, str) and one.upper().removeprefix("CAP_") in bad:
            yield f"the container {container} is given {one}"
