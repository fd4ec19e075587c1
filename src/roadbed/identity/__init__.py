"""Who there is, how they prove it, and what they may do.

Principals (people, service accounts, the platform's own controllers), the groups they belong to, and roles granted
within a group's scope. It knows nothing of the catalog, which feeds it the groups.

Invariants: what no policy permits is refused; no password, token, session or login code is stored as it is; there is
no default password; there is always somebody who owns the platform.
"""
