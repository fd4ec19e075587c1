"""Stands in for `roadbed.main`: `serve` and `stop`, as the commands that start and stop a platform know them.

FAKE_SERVER chooses what goes wrong: `fails` tells why, `dies` doesn't.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from fakes.platform_api import FakePlatform, serving
from roadbed.client.credentials import Credentials, save
from roadbed.client.local import RunFiles
from roadbed.kit.errors import Refused
from roadbed.kit.home import roadbed_home


def serve() -> int:
    files = RunFiles(roadbed_home())
    files.announce_progress("Starting the databases")
    behaviour = os.environ.get("FAKE_SERVER")
    if behaviour == "fails":
        files.announce_failure(Refused("the licence of this fake has run out", hint="buy another"))
        return 3
    if behaviour == "dies":
        sys.stdout.write("could not bind its shoes\n")
        return 7
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    first = not (files.home / "client.json").exists()
    with serving(FakePlatform()) as platform:
        save(files.home, Credentials(platform.url, "rbt_first"))
        files.announce_ready(platform.url, f"{platform.url}/login/once" if first else None)
        sys.stdout.write(f"serving on port {os.environ.get('ROADBED_API__PORT', 'any')}\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


def stop() -> int:
    sys.stdout.write("Stopping the applications\n")
    (roadbed_home() / "stopped").touch()
    return 0


if __name__ == "__main__":
    sys.exit({"serve": serve, "stop": stop}[sys.argv[1]]())
