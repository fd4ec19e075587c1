"""A source tree as one archive: which files belong to it, and a `tar.gz` that is the same for the same files."""
