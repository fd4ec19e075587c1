"""What can go wrong with a route or an endpoint."""

from __future__ import annotations

from roadbed.kit.errors import Conflict, Unavailable


class RouteTaken(Conflict):
    """Another stack has the host and path already."""

    code = "route_taken"


class NoEndpointLeft(Unavailable):
    """Every port of the pool is held."""

    code = "no_endpoint_left"
    status = 507
    exit_code = 1
