"""What runs survives the loss of one, is known to be well, and takes nothing from its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import aws, azure, declared, inner, is_aws, is_azure
from roadbed.policies.pods import KUBERNETES, containers, kind
from roadbed.policies.values import at, maps, number, unknown, word
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_REPLICATED = ("deployment", "statefulset", "replicaset")
_KEPT = (*_REPLICATED, "daemonset")
_POD = "kubernetes:apps/v1/Deployment"


def _deployment(container: Mapping[str, Any], replicas: Any = 2) -> dict[str, Any]:
    return {"spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "web", **container}]}}}}


@policy(
    "replicas-in-production",
    types=[
        "runtime:Service",
        *KUBERNETES,
        *aws("ECS::Service", "AutoScaling::AutoScalingGroup"),
        *azure("App/containerApps", "Web/serverfarms"),
    ],
    reason="With one replica a service is gone for as long as that one takes to come back.",
    remedy="raise it: `scale: {min: 2}` in roadbed.yaml, or `roadbed scale APPLICATION WORKLOAD=2 -e ENVIRONMENT`",
    config={"min": 2},
    refuses=[
        Example("runtime:Service", {"replicas": 1}),
        Example("runtime:Service"),
        Example(_POD, _deployment({}, "1")),
        Example("AWS::ECS::Service", {"DesiredCount": "1"}),
    ],
    passes=[
        Example("runtime:Service", {"replicas": 2}),
        Example("runtime:Service", {"replicas": 1}, kind="development"),
        Example("runtime:Service", {"replicas": UNKNOWN}),
        Example("kubernetes:autoscaling/v2/HorizontalPodAutoscaler", {"spec": {"minReplicas": 2}}),
        Example(_POD, _deployment({}, 3)),
    ],
)
def replicas_in_production(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    if context.kind != "production":
        return
    replicas = _replicas(resource)
    if replicas is not None and replicas < context.config["min"]:
        yield f"{resource.name} runs with {replicas:g} {'replica' if replicas == 1 else 'replicas'}"


def _replicas(resource: PlannedResource) -> float | None:
    """How many there are at least, None for what has none or doesn't say yet."""
    properties = declared(resource)
    if resource.type == "runtime:Service":
        return number(properties.get("replicas"), 1)
    if is_aws(resource, "ECS::Service"):
        daemon = word(properties.get("SchedulingStrategy")) == "daemon"
        return None if daemon else number(properties.get("DesiredCount"), 1)
    if is_aws(resource, "AutoScaling::AutoScalingGroup"):
        return number(properties.get("MinSize"), 0)
    if is_azure(resource, "App/containerApps"):
        return number(at(inner(properties), "template.scale.minReplicas"), 0)
    if is_azure(resource, "Web/serverfarms"):
        return number(at(properties, "sku.capacity"))
    if kind(resource) == "horizontalpodautoscaler":
        return number(at(properties, "spec.minReplicas"), 1)
    return number(at(properties, "spec.replicas"), 1) if kind(resource) in _REPLICATED else None


@policy(
    "probes-in-production",
    types=["runtime:Service", *KUBERNETES],
    reason="Without a probe, a program that hangs is sent requests, and nobody starts it again.",
    remedy="give the container a readinessProbe and a livenessProbe",
    config={"probes": ["readiness", "liveness"]},
    refuses=[
        Example("runtime:Service", {"ports": {"web": {"port": 80}}}),
        Example(_POD, _deployment({"readinessProbe": {"httpGet": {"path": "/", "port": 80}}})),
    ],
    passes=[
        Example("runtime:Service", {"readiness": {"httpGet": {"path": "/"}}, "liveness": {"exec": {"command": ["a"]}}}),
        Example("runtime:Service", kind="development"),
        Example(_POD, _deployment({"readinessProbe": {"tcpSocket": {"port": 80}}, "livenessProbe": UNKNOWN})),
    ],
)
def probes_in_production(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    if context.kind != "production":
        return
    for name, properties, suffix in _probed(resource):
        missing = [probe for probe in context.config["probes"] if not properties.get(f"{probe}{suffix}")]
        if missing:
            yield f"{name} has no {' and no '.join(missing)} probe"


def _probed(resource: PlannedResource) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """What is to have probes: name, properties, and how the properties of its probes end."""
    if resource.type == "runtime:Service":
        yield resource.name, declared(resource), ""
    elif kind(resource) in _KEPT:
        for container in containers(resource):
            if container.main:
                yield f"the container {container.name} of {resource.name}", container.properties, "Probe"


@policy(
    "limits-in-production",
    types=["runtime:Service", "runtime:Job", "runtime:ScheduledJob", *KUBERNETES, *aws("ECS::TaskDefinition")],
    reason="What has no limit takes what its neighbours need, the day it leaks.",
    remedy="say `resources: {limits: {memory: 256M, cpu: 500m}}` of the container",
    config={"limits": ["memory", "cpu"]},
    refuses=[
        Example("runtime:Service", {"memory_mb": 256}),
        Example(_POD, _deployment({"resources": {"requests": {"memory": "64Mi"}}})),
        Example("AWS::ECS::TaskDefinition", {"ContainerDefinitions": [{"Name": "web"}]}),
    ],
    passes=[
        Example("runtime:Service", {"memory_mb": 256, "cpu_millis": 500}),
        Example("runtime:Service", kind="test"),
        Example(_POD, _deployment({"resources": {"limits": {"memory": "64Mi", "cpu": "1"}}})),
        Example("AWS::ECS::TaskDefinition", {"Cpu": "256", "Memory": "512", "ContainerDefinitions": [{"Name": "a"}]}),
    ],
)
def limits_in_production(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    if context.kind != "production":
        return
    for name, limits in _limited(resource):
        missing = [limit for limit in context.config["limits"] if not limits.get(limit)]
        if missing and not unknown(limits):
            yield f"{name} has no limit of {' and '.join(missing)}"


def _limited(resource: PlannedResource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What is to have limits: name, and its limits of memory and cpu."""
    properties = declared(resource)
    if resource.type.startswith("runtime:"):
        others = properties.get("containers")
        more = others if isinstance(others, Mapping) and not unknown(others) else {}
        for name, one in {resource.name: properties, **more}.items():
            yield str(name), {"memory": at(one, "memory_mb"), "cpu": at(one, "cpu_millis")}
    elif "AWS::" in resource.type:
        for one in maps(properties.get("ContainerDefinitions")):
            own = {"memory": one.get("Memory"), "cpu": one.get("Cpu")}
            whole = {"memory": properties.get("Memory"), "cpu": properties.get("Cpu")}
            yield f"the container {one.get('Name')} of {resource.name}", {key: own[key] or whole[key] for key in own}
    for container in containers(resource):
        if container.main:
            limits = at(container.properties, "resources.limits")
            found = limits if isinstance(limits, Mapping) else {}
            yield f"the container {container.name} of {resource.name}", found


@policy(
    "pinned-images",
    types=[*KUBERNETES, *aws("ECS::TaskDefinition")],
    reason="What is called latest is another program tomorrow, and nobody can go back to what ran yesterday.",
    remedy="name a version of the image, or its digest",
    refuses=[Example(_POD, _deployment({"image": "nginx"})), Example(_POD, _deployment({"image": "nginx:latest"}))],
    passes=[
        Example(_POD, _deployment({"image": "registry.example.com:5000/nginx:1.27.3"})),
        Example(_POD, _deployment({"image": f"nginx@sha256:{'0' * 64}"})),
        Example(_POD, _deployment({"image": UNKNOWN})),
    ],
)
def pinned_images(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    images = [container.properties.get("image") for container in containers(resource)]
    images += [one.get("Image") for one in maps(declared(resource).get("ContainerDefinitions"))]
    for image in images:
        if isinstance(image, str) and "@" not in image and "$" not in image:
            tag = image.rpartition("/")[2].partition(":")[2]
            if tag in ("", "latest"):
                yield f"{resource.name} runs {image}, whichever that is"
