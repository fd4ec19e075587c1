"""Static files: brings the server `roadbed-static` along, pinned with its hashes."""

from __future__ import annotations

from pathlib import Path

from roadbed.delivery.builds.domain import Machine, Tool
from roadbed.delivery.builds.recipes.parts import UV, Part, Step
from roadbed.delivery.builds.recipes.python import environment_step

PROGRAM = "roadbed-static"
LAYER = "/layers/static"
_FOLDER = Path(__file__).parent / "static_files"
_FILES = {
    "static/requirements.txt": "requirements.txt",
    "static/server.py": "server.py",
    f"static/programs/{PROGRAM}": PROGRAM,
}


def static(machine: Machine, *, alone: bool) -> Part:
    """`alone`: nothing else is in the tree, so that serving it is what to run."""
    python = Tool(machine.python, machine.version, machine.python_prefix)
    install = (UV, "pip", "sync", "--python", f"{LAYER}/venv/bin/python", "--require-hashes", "--compile-bytecode")
    return Part(
        language="static",
        version=machine.version,
        inputs={"python": machine.python, "platform": machine.platform, "uv": machine.uv_version},
        steps=(
            environment_step(machine, python, f"{LAYER}/venv"),
            Step("Installing the server of static files", (*install, f"{LAYER}/requirements.txt")),
        ),
        work={"static": LAYER},
        keep={"static": LAYER},
        files={place: (_FOLDER / name).read_bytes() for place, name in _FILES.items()},
        path=(f"{LAYER}/programs",),
        tools=(machine.python_prefix,),
        command=(PROGRAM, ".") if alone else None,
    )
