"""`http:Health`: a gate in the graph that opens when something answers over HTTP."""
