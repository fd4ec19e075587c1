"""Values that hold references, secrets and deferred functions: finding, resolving and recording them. Pure."""
