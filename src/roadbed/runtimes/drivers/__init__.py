"""The kinds of runtime. A driver knows how to start, stop and find replicas, and nothing of services or rollouts."""
