"""A deployment: the operation that changes an application, from its source to a release that serves.

Deploying, rolling back, scaling, restarting and configuring are this one operation with different input. Its steps are
durable: killed anywhere, it is taken up after the last one recorded, and an apply after its last journal entry.

It is planned before it is built, since the digest of an artifact follows from its source: what nobody provides here,
what a policy forbids and what would lose data is refused before a minute goes into a build. Where people must approve
the plan, it is built before they are asked: once they have, it is applied at once.
"""
