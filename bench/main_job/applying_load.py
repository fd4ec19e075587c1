"""Starting the load client in a process of its own, and what it found."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bench.platform import ROOT, answers, wait_for

CONNECTIONS = 50
_WARM_UP = 2.0
_TAIL = 2.0


@dataclass
class Load:
    """What the client counted, once the block has ended: by method, `answered`, `lost`, `reasons`."""

    result: dict[str, Any] = field(default_factory=dict)

    def lost(self, *methods: str) -> int:
        if not all(self.result[method]["answered"] for method in ("GET", "POST")):
            raise RuntimeError("the service answered nothing: there was no load")
        return sum(self.result[method]["lost"] for method in methods or ("GET", "POST"))

    def describe(self) -> str:
        parts = (
            f"{method}: {self.result[method]['answered']} answered, {self.result[method]['lost']} lost "
            f"{self.result[method]['reasons'] or ''}, p99 {self.result[method]['p99_ms']} ms"
            for method in ("GET", "POST")
        )
        return "; ".join(parts)


@contextmanager
def load_on(url: str) -> Iterator[Load]:
    """50 keep-alive connections, half GET, half POST, from 2 s before the block until 2 s after it.

    Begins once the service answers: the platform may have been started a moment ago, and its services after it.
    """
    wait_for(lambda: answers(url), f"{url} to answer")
    parts = urlsplit(url)
    command = [sys.executable, "-m", "bench.main_job.load", f"127.0.0.1:{parts.port}", "--host", parts.netloc]
    command += ["--get", "/", "--post", "/items", "--body", '{"name": "from the bench"}']
    command += ["--connections", str(CONNECTIONS)]
    client = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    load = Load()
    try:
        time.sleep(_WARM_UP)
        yield load
        time.sleep(_TAIL)
        output, _ = client.communicate(timeout=120)
    finally:
        if client.poll() is None:
            client.kill()
            client.wait()
    load.result = json.loads(output)
    print(f"  load: {load.describe()}", file=sys.stderr)
