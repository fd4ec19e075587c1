"""Packs the orders that came in."""

import os
import time

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
    while True:
        done = database.execute("UPDATE orders SET packed = true WHERE NOT packed RETURNING id").fetchall()
        for (number,) in done:
            print(f"packed order {number}", flush=True)
        time.sleep(0.2)
