"""The engine's kill proof alone: `make bench NAME=engine_crashes`. What it does is in `bench.engine.crashes`."""
