"""What keeps production running, and its data there."""
