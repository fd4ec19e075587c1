"""The runtime's resource types, as people and the engine know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.providers.driver import Property, ResourceType

SERVICE, JOB, VOLUME = "runtime:Service", "runtime:Job", "runtime:Volume"

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
NAME: Mapping[str, Any] = {
    "type": "string",
    "pattern": "^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$",
    "title": "a name of a workload",
    "description": "2 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit",
}
_TEXTS: Mapping[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
_COMMAND: Mapping[str, Any] = {"type": ["array", "null"], "items": {"type": "string"}}
_PORT: Mapping[str, Any] = {"type": ["integer", "null"], "minimum": 1, "maximum": 65_535}
_PROBE: Mapping[str, Any] = {
    "type": ["object", "null"],
    "properties": {
        "httpGet": {
            "type": "object",
            "required": ["path"],
            "properties": {
                "path": {
                    "type": "string",
                    "pattern": "^/",
                    "title": "a path of a page",
                    "description": "it begins with a slash: /healthz",
                },
                "port": _PORT,
                "scheme": {"enum": ["HTTP", "HTTPS", None]},
                "host": {"type": ["string", "null"]},
                "httpHeaders": {
                    "type": ["array", "null"],
                    "items": {"type": "object", "required": ["name", "value"]},
                },
            },
        },
        "exec": {"type": "object", "required": ["command"], "properties": {"command": _COMMAND}},
    },
}
_FILE: Mapping[str, Any] = {
    "type": ["string", "object"],
    "properties": {
        "content": {"type": "string"},
        "binary": {"type": "string"},
        "mode": {
            "type": ["string", "null"],
            "pattern": "^0?[0-7]{3}$",
            "default": "0644",
            "title": "a file's mode",
            "description": 'three octal digits in quotes: "0644"',
        },
    },
}
_VOLUME: Mapping[str, Any] = {
    "type": "object",
    "required": ["source"],
    "properties": {
        "source": _TEXT,
        "path": {"type": ["string", "null"]},
        "read_only": {"type": ["boolean", "null"], "default": False},
    },
}
_PORTS: Mapping[str, Any] = {
    "type": ["object", "null"],
    "propertyNames": {
        "pattern": "^[A-Za-z0-9_-]{1,63}$",
        "title": "a name of a port",
        "description": "1 to 63 letters, digits, hyphens and underscores",
    },
    "additionalProperties": {
        "type": "object",
        "properties": {"port": _PORT, "target_port": _PORT, "protocol": {"enum": ["TCP", "UDP", None]}},
    },
}
_REQUESTS: Mapping[str, Any] = {
    "type": ["object", "null"],
    "properties": {
        "memory_mb": {"type": ["integer", "null"], "minimum": 1},
        "cpu_millis": {"type": ["integer", "null"], "minimum": 1},
    },
}

_RUN = {
    "command": Property(_COMMAND, description="What to run; the artifact's own command when left out."),
    "variables": Property(_TEXTS, description="Environment variables."),
    "files": Property(
        {"type": ["object", "null"], "additionalProperties": _FILE},
        description="Files by absolute path: text, or {content} or {binary} in base64, with a `mode` in octal (0644). "
        "Each is a copy that belongs to the program's user.",
    ),
    "masked": Property(
        {"type": ["array", "null"]},
        description="Values that its files are put together from: those that are secret are hidden in its output.",
    ),
    "volumes": Property(
        {"type": ["object", "null"], "additionalProperties": _VOLUME},
        description="Volumes by absolute path: {source}, the output of a runtime:Volume, a folder `path` within it, "
        "`read_only`.",
    ),
    "memory_mb": Property({"type": ["integer", "null"], "minimum": 1}, description="The memory limit."),
    "cpu_millis": Property(
        {"type": ["integer", "null"], "minimum": 1},
        description="The processor limit in thousandths of a core; enforced where control groups can be written.",
    ),
    "requests": Property(_REQUESTS, description="What it is expected to use: recorded, and nothing set aside for it."),
}
_PROBES = {
    "readiness": Property(_PROBE, description="Score's readinessProbe; that it listens when left out."),
    "liveness": Property(_PROBE, description="Score's livenessProbe."),
}
_AFTER = Property(
    {"type": ["object", "null"], "additionalProperties": {"enum": ["started", "healthy", "complete"]}},
    description="The containers that come before this one, by name, and how far they must be: started, healthy (its "
    "readiness probe succeeds) or complete (it has ended with 0).",
)
_CONTAINER: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {name: dict(one.schema) for name, one in {**_RUN, **_PROBES, "after": _AFTER}.items()},
}
RUNS: Mapping[str, Property] = {
    "workload": Property(_TEXT, required=True, replace=True, description="The workload's name in its stack."),
    "artifact": Property(_TEXT, required=True, description="The digest of the artifact to run."),
    **_RUN,
}

TYPES: Mapping[str, ResourceType] = {
    SERVICE: ResourceType(
        SERVICE,
        "A workload that is kept running in a number of replicas.",
        {
            **RUNS,
            **_PROBES,
            "ports": Property(
                _PORTS,
                description="Its ports by name: {port}, the number that others know, {target_port}, what it would "
                "listen on, `protocol`. A replica is given one of its own for each: PORT_<NAME>, and PORT for one.",
            ),
            "port": Property(
                {"type": ["string", "null"]}, description="The name of the port that PORT is; the first by name."
            ),
            "replicas": Property(
                {"type": "integer", "minimum": 0, "maximum": 1000, "default": 1}, description="How many; 1."
            ),
            "container": Property(NAME, description="The name of the container that all this is, if of several."),
            "containers": Property(
                {"type": ["object", "null"], "propertyNames": NAME, "additionalProperties": _CONTAINER},
                description="More containers of each replica, by name, with properties as these. They share its ports "
                "and volumes, not their files; their log lines carry their names.",
            ),
            "after": _AFTER,
            "restarted_at": Property({"type": ["string", "null"]}, description="A new mark restarts it."),
        },
        phase="rollout",
    ),
    JOB: ResourceType(
        JOB,
        "A command that runs once to its end, when it is made and at each change.",
        {
            **RUNS,
            "timeout_s": Property(
                {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 600},
                description="The longest it may take; 600.",
            ),
        },
        outputs={"exit_code": "Always 0: another one is a failure."},
        phase="rollout",
    ),
    VOLUME: ResourceType(
        VOLUME,
        "A folder that outlives replicas, releases and restarts. It goes, with all that it holds, when it leaves the "
        "program or the stack is destroyed: `protect` and `retain_on_delete` keep it.",
        {
            "size": Property(
                {
                    "type": ["string", "integer", "null"],
                    "pattern": r"^\d+(\.\d+)?([KMGTPE]i?)?$",
                    "minimum": 1,
                    "title": "a size",
                    "description": "a number of bytes, or one with a unit: 500M, 10Gi",
                },
                description="How much it is to hold at most, in bytes or as `10Gi`: measured and shown, not enforced.",
            )
        },
        outputs={"source": "What a Service's `volumes` name it by."},
        holds_data=True,
    ),
}
