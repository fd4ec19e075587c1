"""The files of a source tree that others name: overrides of a Score file, and what it puts into containers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from roadbed.kit.errors import Findings
from roadbed.workload.application_domain import WorkloadSettings
from roadbed.workload.document import decode
from roadbed.workload.domain import File, Workload
from roadbed.workload.files import ReadFiles


def override_files(settings: WorkloadSettings, contents: Mapping[str, bytes]) -> list[tuple[str, str]]:
    missing = [each for each in settings.overrides if each.value not in contents]
    problems = [
        each.place.problem(f"{each.value} is not in the source tree", "add the file, or mend the path")
        for each in missing
    ]
    Findings(problems).raise_if_any("roadbed.yaml")
    return [(each.value, decode(contents[each.value], each.value)) for each in settings.overrides]


def source_files(path: str, workload: Workload, read: ReadFiles) -> dict[str, bytes]:
    """The contents of the files that a Score file puts into its containers, by the path it names them with."""
    folder = PurePosixPath(path).parent
    wanted: dict[str, File] = {
        file.source: file
        for container in workload.containers.values()
        for file in container.files.values()
        if file.source is not None
    }
    found = read([str(folder / source) for source in wanted]) if wanted else {}
    missing = [file for source, file in wanted.items() if str(folder / source) not in found]
    if missing:
        problems = [
            file.place.problem(f"{file.source} is not in the source tree", "add the file, or mend the path")
            for file in missing
        ]
        Findings(problems).raise_if_any(path)
    return {source: found[str(folder / source)] for source in wanted}
