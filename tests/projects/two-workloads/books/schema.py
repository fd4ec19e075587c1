import os

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
    database.execute("CREATE TABLE IF NOT EXISTS books (title text PRIMARY KEY)")
    database.execute("INSERT INTO books VALUES ('Permanent Way') ON CONFLICT DO NOTHING")
