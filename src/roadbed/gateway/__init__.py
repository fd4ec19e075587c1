"""The gateway: by which host, path or internal port a service is reached, and at which replicas requests arrive.

Invariants: the tables say what the gateway is told, and are committed before it is told; a change returns when the
proxy was seen to route to exactly what the tables say; a host and path belong to one stack; an endpoint's port stays
the same for as long as the endpoint exists. Only `gateway/provider.py` and the runtimes' controller change anything.
"""
