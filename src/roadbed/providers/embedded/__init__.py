"""Servers that the platform runs for applications: Valkey, NATS, an object store.

One is started when it is first needed, runs on while the platform is restarted, comes back within about a second when
it is killed, and is gone once nothing uses it: a platform that uses none has none. All that it is lies in a folder of
its own below `servers/KIND/` in ROADBED_HOME. Its ports are kept in `ports.json` of the kind, since applications are
configured with them. Where the platform is root, a server is not.
"""
