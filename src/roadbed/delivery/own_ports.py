"""Programs that listen on a number of their own, where the platform itself does so already. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from roadbed.detection.domain import Detection
from roadbed.kit.errors import Findings


def check_own_ports(found: Detection, reserved: Mapping[int, str]) -> None:
    """`reserved` maps the platform's ports to whose each is: `the gateway's`. Raises InvalidInput with every program
    that could never start beside it.
    """
    findings = Findings()
    for name in found.untold:
        process = found.processes[name]
        if process.port is not None and process.port in reserved:
            findings.add(
                process.place.problem(
                    f"{name!r} listens on {process.port} whatever PORT says, and that port is {reserved[process.port]}",
                    "have it listen on the port in PORT, or on another number",
                )
            )
    findings.raise_if_any("ports")
