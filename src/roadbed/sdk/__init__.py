"""What programs of the platform team import: resources, references, provisioners, policies.

Pure, standard library only, imported in a few milliseconds. A program declares; it never sees a value that is known
only after apply. What it declared leaves it as a graph document (see `roadbed.sdk.graph`).
"""

from __future__ import annotations

from roadbed.sdk.policies import policy
from roadbed.sdk.provisioners import Request, provisioner
from roadbed.sdk.references import Reference
from roadbed.sdk.resources import Resource

__all__ = ["Reference", "Request", "Resource", "policy", "provisioner"]
