"""The client: one object with a part for each part of the API."""

from __future__ import annotations

from roadbed.client.applications import Applications
from roadbed.client.approvals import Approvals
from roadbed.client.backups import Backups
from roadbed.client.blocks import Blocks
from roadbed.client.builds import Builds
from roadbed.client.costs import Costs
from roadbed.client.credentials import Credentials, find
from roadbed.client.jobs import Jobs
from roadbed.client.operations import Operations
from roadbed.client.platform import Platform
from roadbed.client.policies import Policies
from roadbed.client.quotas import Quotas
from roadbed.client.resource_types import ResourceTypes
from roadbed.client.resources import Resources
from roadbed.client.stacks import Stacks
from roadbed.client.transport import Transport
from roadbed.client.waivers import Waivers

FETCHING_S = 330.0
"""What the platform takes at most to fetch a repository, and a little."""


class Client:
    """`Client.found().applications.list()`.

    Every call raises the RoadbedError that the server raised, or Unavailable when the server can't be reached.
    `timeout` is in seconds, for each wait on the network.
    """

    def __init__(self, credentials: Credentials, *, timeout: float = 30.0) -> None:
        transport = Transport(credentials, timeout=timeout)
        self.url = credentials.url
        self.applications = Applications(transport)
        self.approvals = Approvals(transport)
        self.backups = Backups(transport)
        self.blocks = Blocks(transport)
        self.builds = Builds(transport, Transport(credentials, timeout=max(timeout, FETCHING_S)))
        self.costs = Costs(transport)
        self.jobs = Jobs(transport)
        self.operations = Operations(transport)
        self.platform = Platform(transport)
        self.policies = Policies(transport)
        self.quotas = Quotas(transport)
        self.resources = Resources(transport)
        self.stacks = Stacks(transport)
        self.types = ResourceTypes(transport)
        self.waivers = Waivers(transport)

    @classmethod
    def found(cls, *, timeout: float = 30.0) -> Client:
        """The client for the server that the environment or `client.json` names."""
        return cls(find(), timeout=timeout)
