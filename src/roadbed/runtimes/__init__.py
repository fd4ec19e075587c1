"""What runs workloads: services of replicas that are kept as many and as healthy as asked, and jobs that run once.

A provider hands the controller a specification; the controller alone starts, stops and moves replicas, and only to
keep to it. Invariants:

- a replica that isn't ready is never routed to, and one that is routed to is never stopped;
- the old release serves, whole, until every replica of the new one is ready;
- an update that fails leaves the old release as it was, and is not tried again by itself;
- what a replica wrote and how it ended survive the daemon.
"""
