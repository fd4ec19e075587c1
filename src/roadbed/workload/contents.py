"""The files and volumes of a container: what stands where in it."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import PurePosixPath
from typing import TypeAlias

from roadbed.kit.errors import Problem
from roadbed.workload.document import Node, Place
from roadbed.workload.domain import File, Text, Volume
from roadbed.workload.placeholders import is_resource
from roadbed.workload.reader import Fields
from roadbed.workload.targets import absolute, is_the_kernels, nearest_around, parent_of

_MODE = re.compile(r"0?[0-7]{3}")
_CONTENTS = ("source", "content", "binaryContent")

LARGEST = 2**20
"""How many bytes a file may have that is put into a container."""

_Target: TypeAlias = tuple[str, Fields, Place]
"""The absolute path, what stands there, and where that is said."""


def read_contents(fields: Fields) -> tuple[dict[str, File], dict[str, Volume]]:
    """Files and volumes of a container by their absolute targets."""
    files, volumes = _targets(fields, "files"), _targets(fields, "volumes")
    _check_within(files, volumes)
    return (
        {target: _file(target, section) for target, section, _ in files},
        {target: _volume(target, section) for target, section, _ in volumes},
    )


def size_problem(size: int, file: File) -> Problem | None:
    """What is said of a file of more bytes than one may have."""
    if size <= LARGEST:
        return None
    message = f"the file {file.target} has {size / 2**20:.1f} MB; one may have {LARGEST // 2**20}"
    return file.place.problem(message, "ship it with the source tree, or keep it in a volume or a bucket")


def read_text(fields: Fields, node: Node, path: str) -> Text:
    """Text without NUL bytes, which neither an environment nor a path can hold."""
    value = fields.reader.text(node, path)
    if "\0" in value:
        fields.reader.report(node.place, f"{path} holds a NUL byte")
    return Text(value, node.place)


def _targets(fields: Fields, name: str) -> list[_Target]:
    known = {
        "files": ("mode", "noExpand", *_CONTENTS),
        "volumes": ("source", "path", "readOnly"),
    }[name]
    required = ("source",) if name == "volumes" else ()
    entries = fields.mapping(name)
    found: dict[str, _Target] = {}
    for written, node, path in entries.items():
        target, place = absolute(written), entries.place(written)
        if target is None:
            fields.reader.report(place, f"{path} is not a path within the container", "write it without `..`")
        elif is_the_kernels(target):
            message = f"{path}: nothing can be put at {target}, which is the kernel's"
            fields.reader.report(place, message, "choose another place")
        elif target in found:
            fields.reader.report(place, f"{path} is the same place as another target: {target}", "keep one of them")
        target = target or written
        found[target] = (target, fields.reader.section(node, path, known, required), place)
    return list(found.values())


def _check_within(files: list[_Target], volumes: list[_Target]) -> None:
    """None stands within a volume or below a file, nor a file where a volume is."""
    volumes_at, files_at = ({target for target, *_ in each} for each in (volumes, files))
    above = [(parent_of(target), section, place) for target, section, place in (*files, *volumes)]
    for target, section, place in (*files, *above[len(files) :]):
        if (volume := nearest_around(target, volumes_at)) is not None:
            message = f"{section.path} is to stand within the volume at {volume}"
            section.reader.report(place, message, "choose a place beside the volume")
    for target, section, place in above:
        if (file := nearest_around(target, files_at)) is not None:
            message = f"{section.path} is to stand below {file}, which is a file"
            section.reader.report(place, message, "choose a place beside the file")


def _file(target: str, fields: Fields) -> File:
    given = [name for name in _CONTENTS if name in fields]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        fields.reader.report(
            fields.node.place, f"{fields.path} needs exactly one of source, content and binaryContent; it has {found}"
        )
    content = fields.get("content")
    return File(
        target=target,
        place=fields.node.place,
        mode=fields.matching("mode", _MODE, 'octal digits in quotes: "0644"'),
        no_expand=fields.flag("noExpand"),
        source=_source(fields),
        content=Text(fields.reader.text(content, fields.path_of("content")), content.place) if content else None,
        binary=_binary(fields),
    )


def _source(fields: Fields) -> str | None:
    """A path within the folder of the Score file, never out of it."""
    source = fields.optional_text("source")
    if source is not None and (source.startswith(("/", "~")) or ".." in PurePosixPath(source).parts or "\0" in source):
        fields.reader.report(
            fields.place("source"),
            f"{fields.path_of('source')} leads out of the source tree: {source!r}",
            "use a path relative to the Score file, without `..`",
        )
    elif source and fields.reader.has is not None and not fields.reader.has(source):
        hint = "add the file beside the Score file, or mend the path"
        fields.reader.report(fields.place("source"), f"there is no file {source!r}", hint)
    return source


def _binary(fields: Fields) -> bytes | None:
    if "binaryContent" not in fields:
        return None
    text = fields.text("binaryContent", empty=True)
    try:
        return base64.b64decode("".join(text.splitlines()), validate=True)
    except (binascii.Error, ValueError):
        fields.reader.report(fields.place("binaryContent"), f"{fields.path_of('binaryContent')} is not base64")
        return b""


def _volume(target: str, fields: Fields) -> Volume:
    source = fields.get("source")
    text = Text("", fields.node.place) if source is None else read_text(fields, source, fields.path_of("source"))
    path = fields.optional_text("path")
    if path and (path.startswith("/") or ".." in PurePosixPath(path).parts or "\0" in path):
        message = f"{fields.path_of('path')} leads out of the volume: {path!r}"
        fields.reader.report(fields.place("path"), message, "write it relative, without `..`")
    if source is not None and not is_resource(text):
        message = f"{fields.path_of('source')} is not a resource of this workload: {text.value!r}"
        fields.reader.report(text.place, message, "declare a resource of type volume, and write ${resources.NAME}")
    return Volume(target, text, path, fields.flag("readOnly"), fields.node.place)
