"""The history of the schema. `python -m roadbed.storage.revise "message"` adds to it; `storage.migrate` applies it."""
