"""The engine: applies, plans and destroys of thousands of resources, beside terraform on the same machine; and kills.

Everything is done through the public CLI of a running platform in a home of its own, whole processes from exec to exit,
with the database's fsync on. Every plan looks at the world first (`--refresh`), as terraform's does. Where `terraform`
is not on the PATH its column stays empty.

`QUICK=1` leaves out what takes long: terraform beyond 1,000 resources, sizes beyond 10,000, most of the kills.
"""
