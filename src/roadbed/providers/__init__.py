"""What changes the world: the Protocol of a provider, and the providers that stand on nothing above this tier."""
