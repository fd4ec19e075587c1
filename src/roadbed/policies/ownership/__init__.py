"""Who is asked about what there is, and what it is for."""
