"""Notes in the shared volume that it began, and by then stays for as many seconds as it is told."""

import pathlib
import sys
import time

name, seconds = sys.argv[1], float(sys.argv[2])
conf = pathlib.Path("/opt/one/app.conf")
with pathlib.Path("/data/order").open("a") as order:
    order.write(f"{name}\n")
pathlib.Path(f"/data/conf-of-{name}").write_text(conf.read_text() if conf.exists() else "none")
pathlib.Path("/tmp/up").touch()
print(f"{name} began", flush=True)
time.sleep(seconds)
