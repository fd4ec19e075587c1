"""What resources of the types that ship take: a pure function for each, or why a type costs nothing by itself."""
