"""The release phase: makes the table, once per release, before the new code gets traffic."""

import os

import psycopg

TABLE = """\
CREATE TABLE IF NOT EXISTS orders (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item text NOT NULL,
    packed boolean NOT NULL DEFAULT false
)
"""

with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
    database.execute(TABLE)
print("the table is there", flush=True)
