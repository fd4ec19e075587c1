"""NATS accounts for applications, on one server for the whole platform."""
