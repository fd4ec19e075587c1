"""`python -m bench NAME` runs one measurement, `python -m bench` all. Each writes `bench/out/NAME.json` and a table."""
