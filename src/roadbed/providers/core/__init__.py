"""`core:Data` and `core:Secret`: nodes that do nothing in the world and carry a value through the graph."""
