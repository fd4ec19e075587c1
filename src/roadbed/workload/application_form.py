"""The fields of `roadbed.yaml`. Whatever reads, documents or completes the file goes by this description."""

from __future__ import annotations

import re

from roadbed.workload.files import API_VERSION, KIND
from roadbed.workload.forms import (
    LABELS,
    WORDS,
    AnyText,
    Anything,
    Choice,
    CommandLine,
    Field,
    Flag,
    Integer,
    Listed,
    Section,
    Table,
    Text,
    removable,
)
from roadbed.workload.jobs import JOB

DOTTED = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*")
PREFIX = re.compile(r"[A-Z][A-Z0-9_]{0,62}")
TYPE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,62}")
_DURATION = re.compile(r"\d{1,6}(?:ms|s|m|h)")
_DOMAIN = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_NAME = r"(?:[a-z0-9-]+/)?[A-Za-z0-9](?:[A-Za-z0-9_.\-]{0,61}[A-Za-z0-9])?"
_GROUP = re.compile(rf"(?:group:)?{_NAME}")
_SYSTEM = re.compile(rf"(?:[a-z]+:)?{_NAME}")
_PATH = re.compile(r"(?!/)(?!(?:[^\x00-\x1f]*/)?\.\.(?:/|$))[^\x00-\x1f\x7f]+")
_VARIABLE = re.compile(r"[^=\0\n]+")

VARIABLES = Table(AnyText(), Text(_VARIABLE, "a name without `=`"))
PATHS = Text(_PATH, "a path relative to roadbed.yaml, without `..`")

_SCALE = Section(
    {
        "min": Field(Integer(0, 100), "How many replicas run.", default=1),
        "max": Field(Integer(1, 100), "How many replicas an autoscaler may start; not below `min`.", built=False),
        "cpu": Field(Integer(1, 100), "Use of the CPU, in percent, beyond which more are started.", built=False),
    }
)
_STEP = Section(
    {
        "weight": Field(Integer(0, 100), "Share of the requests that the new release gets, in percent."),
        "pause": Field(Text(_DURATION, "a number and a unit: 30s, 5m, 1h"), "How long to wait after it."),
    }
)
_ROLLOUT = Section(
    {
        "strategy": Field(
            Choice(("rolling", "blue-green", "canary"), unbuilt=("blue-green", "canary")),
            "How the runtime moves from one release to the next.",
            required=True,
        ),
        "steps": Field(Listed(_STEP), "The steps of a canary.", built=False),
    }
)
_WORKLOAD = Section(
    {
        "score": Field(PATHS, "The workload's Score file.", default="score.yaml"),
        "release": Field(WORDS, "A command that runs once per release, before traffic moves: migrations."),
        "scale": Field(_SCALE, "How many replicas run."),
        "rollout": Field(_ROLLOUT, "How a release replaces the one before."),
        "domains": Field(
            Listed(Text(_DOMAIN, "a domain name: orders.example.com")), "Host names of its own.", built=False
        ),
        "overrides": Field(Listed(PATHS), "Files laid over the Score file, in this order."),
        "properties": Field(
            Table(Anything()),
            "Single properties of the Score file, by their path with dots (`\\.` for a dot in a key), set over it and "
            "its override files. Nothing, or null, takes a property away.",
        ),
    }
)
_BUILD = Section(
    {
        "commands": Field(Listed(CommandLine()), "What builds the source tree, in place of what would be found."),
        "network": Field(Flag(), "Whether the commands have the network. What installs packages has it anyway."),
        "secrets": Field(
            Listed(Text(re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), "the name of a variable")),
            "Names of secret variables that the build commands may read.",
        ),
        "variables": Field(VARIABLES, "Variables of the build's commands: no secrets, as the artifact shows them."),
    }
)
RESOURCE = Section(
    {
        "type": Field(
            Text(TYPE_NAME, "letters, digits, hyphens and dots, as in postgres"), "The resource's type.", required=True
        ),
        "class": Field(Text(TYPE_NAME, "letters, digits, hyphens and dots"), "Which kind of it.", default="default"),
        "id": Field(
            Text(DOTTED, "labels separated by dots, as in shared.orders-db"),
            "Under which id Score files share it; its name here, when left out.",
        ),
        "params": Field(Table(Anything()), "What it is to be like, as its type says. May hold placeholders."),
        "workloads": Field(
            Listed(LABELS), "The workloads that get its outputs as variables; all of them, when left out."
        ),
        "prefix": Field(
            Text(PREFIX, "capitals, digits and underscores, as in ORDERS_DB"),
            "What the names of these variables begin with; its name in capitals, when left out.",
        ),
    }
)
_GROUPS = {
    "workloads": Field(Table(_WORKLOAD, LABELS), "What Score has no field for, by the workload's name."),
    "jobs": Field(Table(JOB, LABELS), "What runs by the clock."),
    "resources": Field(
        Table(RESOURCE, LABELS),
        "Resources of the application as a whole. Workloads get their outputs as variables.",
    ),
}
_ENVIRONMENT = Section(
    {
        "variables": Field(VARIABLES, "Variables of all workloads there, over what the Score files say."),
        **{name: Field(removable(each.form.partial()), each.text, built=each.built) for name, each in _GROUPS.items()},
    }
)
_METADATA = Section(
    {
        "name": Field(LABELS, "The application's name."),
        "owner": Field(Text(_GROUP, "a group: group:default/payments"), "The group that owns it."),
        "description": Field(Text(), "What it is for, in a sentence."),
        "system": Field(Text(_SYSTEM, "the name of a system"), "The system that it is a part of."),
    }
)
APPLICATION = Section(
    {
        "apiVersion": Field(Choice((API_VERSION,)), "The version of this format.", required=True),
        "kind": Field(Choice((KIND,)), "What the file describes.", required=True),
        "metadata": Field(_METADATA, "What the application is, and whose."),
        "build": Field(_BUILD, "How the source tree is built. The same in every environment."),
        **_GROUPS,
        "environments": Field(
            Table(_ENVIRONMENT, LABELS),
            "What differs by environment: laid over the rest of the file, mappings key by key, all else replaced; null "
            "takes a key away.",
        ),
    }
)
LAYERED = Section(
    {
        **APPLICATION.without(["environments"]).fields,
        "variables": Field(VARIABLES, "Variables of all workloads in the environment."),
    }
)
"""The file with the layer of one environment over it."""
