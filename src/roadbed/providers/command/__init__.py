"""Commands as resources: what no provider knows yet, done by argument lists in a sandbox."""
