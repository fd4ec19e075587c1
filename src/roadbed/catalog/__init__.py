"""What there is and who owns it: entities in Backstage's descriptor format, and the relations between them.

Invariants: an entity stands in the catalog because some source claims it (a file, a repository, a resource of the
graph), and says which; a relation is known from both of its ends; what a source no longer names stays as an orphan
until somebody removes it; what runs is read off the graph, so that it can't go stale.
"""
