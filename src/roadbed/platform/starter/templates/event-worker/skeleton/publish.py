"""`python publish.py '{"hello": "world"}'`: sends an event, and returns once it is kept."""

import asyncio
import json
import os
import sys

import nats

from worker import stream


async def publish(event: dict) -> None:
    connection = await nats.connect(os.environ["NATS_URL"])
    queue = connection.jetstream()
    await stream(queue)
    kept = await queue.publish("events.example", json.dumps(event).encode())
    print(f"kept as event {kept.seq}")
    await connection.close()


if __name__ == "__main__":
    asyncio.run(publish(json.loads(sys.argv[1])))
