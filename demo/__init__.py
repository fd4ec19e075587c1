"""`make demo`: from nothing to an owned, reachable service with its database."""
