"""What people do with a state beside applying plans: compare it with the world, move it, write it down."""
