"""The cases of `tests/cases/compile`: what an application's files are compiled to. Run it to write what is expected.

A case is a folder:

- `input/`: the application's source tree.
- `case.yaml`, where a case needs it: `environment`, `kind`, `settings` and `variables` (the environment's own).
- `graph.json`: the emitted graph document; or `refused.txt`: what is said of it instead.

The provisioners of all cases are in `provisioners/`; the real program host runs them, without a sandbox.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from roadbed.delivery import compiler
from roadbed.delivery.domain import Settings
from roadbed.delivery.surroundings import Surroundings
from roadbed.engine.planning import graph
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.kit.names import StackName
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.source import read_source

CASES = Path(__file__).parent / "cases" / "compile"
PROVISIONERS = CASES / "provisioners"
ARTIFACT = "a" * 64


def cases() -> list[Path]:
    return sorted(folder for folder in CASES.iterdir() if (folder / "input").is_dir())


def compiled(case: Path) -> str:
    """The text of `graph.json`, or of `refused.txt`."""
    facts = yaml.safe_load((case / "case.yaml").read_text()) if (case / "case.yaml").exists() else {}
    try:
        source, around = read(case, facts)
        answer = provision(compiler.provision_request(source, around))
        document = compiler.assemble(source, answer, around)
        graph.read(document)
    except InvalidInput as error:
        return "".join(f"{each}\n  {each.hint}\n" for each in error.problems or (error.problem,))
    return json.dumps(document, indent=2) + "\n"


def read(case: Path, facts: Mapping[str, Any]) -> tuple[ApplicationSource, Surroundings]:
    def files(names: Collection[str]) -> dict[str, bytes]:
        return {name: (case / "input" / name).read_bytes() for name in names if (case / "input" / name).is_file()}

    environment = facts.get("environment", "dev")
    source = read_source(files, environment)
    return source, Surroundings(
        stack=StackName(source.name, environment),
        kind=facts.get("kind", "development"),
        owner="group:default/payments",
        artifact=ARTIFACT,
        settings=Settings.from_dict(facts.get("settings", {})),
        variables=facts.get("variables", {}),
    )


def provision(request: Mapping[str, Any]) -> dict[str, Any]:
    """What the provisioners answer. Raises InvalidInput for what they refuse."""
    asked = {**request, "kind": "provision", "programs": str(PROVISIONERS), "shown": "provisioners"}
    done = subprocess.run(
        [sys.executable, "-B", "-m", "roadbed.sdk.host"],
        input=json.dumps(asked).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    if error := answer.get("error"):
        place = {key: error.get(key) for key in ("hint", "file", "line", "column")}
        problems = [Problem(**each) for each in error.get("problems", ())]
        raise InvalidInput(error["message"], **place, problems=problems)
    return answer


def expected(case: Path) -> Path:
    refused = case / "refused.txt"
    return refused if refused.exists() else case / "graph.json"


def main() -> None:
    for case in cases():
        text = compiled(case)
        file = case / ("graph.json" if text.startswith("{") else "refused.txt")
        for other in (case / "graph.json", case / "refused.txt"):
            if other != file:
                other.unlink(missing_ok=True)
        file.write_text(text)


if __name__ == "__main__":
    main()
