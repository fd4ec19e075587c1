"""Handles events, each at least once: one that fails comes again, at most five times."""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import nats
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

STREAM, SUBJECTS, DURABLE = "events", "events.>", "worker"
TRIES, HANDLED_WITHIN_S = 5, 60
BEAT, STILL_S = Path("/tmp/alive"), 30  # its heart beats here; without a beat for so long it is started anew


def handle(event: dict) -> str:
    """What to do with one event: write this anew. It may come twice, so doing it again must be harmless."""
    return f"handled {json.dumps(event, sort_keys=True)}"


async def stream(queue: JetStreamContext) -> None:
    """Events wait in a stream until they are handled, whether a worker runs or not."""
    try:
        await queue.stream_info(STREAM)
    except nats.js.errors.NotFoundError:
        await queue.add_stream(name=STREAM, subjects=[SUBJECTS])


async def work() -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    connection = await nats.connect(os.environ["NATS_URL"], max_reconnect_attempts=-1)
    queue = connection.jetstream()
    await stream(queue)
    settings = ConsumerConfig(ack_wait=HANDLED_WITHIN_S, max_deliver=TRIES)
    events = await queue.pull_subscribe(SUBJECTS, durable=DURABLE, stream=STREAM, config=settings)
    print("waiting for events", flush=True)
    while not stopping.is_set():
        BEAT.touch()
        try:
            (message,) = await events.fetch(1, timeout=2)
        except nats.errors.TimeoutError:
            continue
        try:
            print(handle(json.loads(message.data)), flush=True)
        except Exception as error:  # whatever is wrong with it, the next one is none the worse for it
            print(f"failed: {error!r}", file=sys.stderr, flush=True)
            await message.nak(delay=5)
        else:
            await message.ack()
    await connection.drain()


def alive() -> bool:
    return BEAT.exists() and time.time() - BEAT.stat().st_mtime < STILL_S


if __name__ == "__main__":
    if sys.argv[1:] == ["alive"]:
        sys.exit(0 if alive() else 1)
    asyncio.run(work())
