"""What artifacts of static files are served with: a pinned server, and the few lines that say how it serves."""
