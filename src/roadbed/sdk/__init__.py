"""What people's programs import: resources, components, references, provisioners, policies.

Pure, standard library only, imported in a few milliseconds. A program declares; it never sees a value that is known
only after apply. What it declared leaves it as a graph document (see `roadbed.sdk.graph`).
"""

from __future__ import annotations

from roadbed.sdk import deferred
from roadbed.sdk.components import Component
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.options import Alias, ComponentOptions, Options, Timeouts
from roadbed.sdk.params import Param
from roadbed.sdk.policies import policy
from roadbed.sdk.provisioners import Request, provisioner
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource, read
from roadbed.sdk.stacks import context, export, secret, stack

__all__ = [
    "Alias",
    "Component",
    "ComponentOptions",
    "Deferred",
    "Options",
    "Param",
    "ProgramError",
    "Reference",
    "Request",
    "Resource",
    "Timeouts",
    "context",
    "deferred",
    "export",
    "policy",
    "provisioner",
    "read",
    "secret",
    "stack",
]
