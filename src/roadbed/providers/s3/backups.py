"""What a bucket holds: its objects as they are, each with its type and metadata, in a tar.

Older versions of objects are not in it. Every object is whole; one that was written meanwhile may be of a later moment
than another.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from roadbed.kit.errors import Conflict
from roadbed.sdk.backups import Contents

_PART = 32 * 2**20
_KEY, _TOLD = "roadbed.key", "roadbed.told"
_KEPT = ("ContentType", "ContentEncoding", "ContentDisposition", "ContentLanguage", "CacheControl", "Metadata")


def save(client: Any, bucket: str, sink: BinaryIO) -> Contents:
    """Objects that are deleted meanwhile are left out."""
    count = held = 0
    with tarfile.open(fileobj=sink, mode="w|gz") as tar:
        for key in _keys(client, bucket):
            try:
                found = client.get_object(Bucket=bucket, Key=key)
            except client.exceptions.NoSuchKey:
                continue
            info = tarfile.TarInfo(f"{count:012d}")
            info.size = found["ContentLength"]
            told = {name: found[name] for name in _KEPT if found.get(name)}
            info.pax_headers = {_KEY: key, _TOLD: json.dumps(told)}
            tar.addfile(info, found["Body"])
            count, held = count + 1, held + info.size
    return Contents("objects", {"objects": count}, held)


def restore(client: Any, bucket: str, source: BinaryIO) -> None:
    """Puts every object, then takes away those that the archive hasn't."""
    put = set()
    with tarfile.open(fileobj=source, mode="r|gz") as tar:
        for info in tar:
            body, key = tar.extractfile(info), info.pax_headers.get(_KEY)
            if body is None or key is None:
                raise Conflict("the backup isn't one of a bucket")
            _put(client, bucket, key, body, info.size, json.loads(info.pax_headers[_TOLD]))
            put.add(key)
    for key in list(_keys(client, bucket)):
        if key not in put:
            client.delete_object(Bucket=bucket, Key=key)


def count(client: Any, bucket: str) -> Contents:
    objects = [one["Size"] for page in _pages(client, bucket) for one in page]
    return Contents("objects", {"objects": len(objects)}, sum(objects))


def _keys(client: Any, bucket: str) -> Iterator[str]:
    return (one["Key"] for page in _pages(client, bucket) for one in page)


def _pages(client: Any, bucket: str) -> Iterator[list[dict[str, Any]]]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield page.get("Contents", [])


def _put(client: Any, bucket: str, key: str, body: Any, size: int, told: Mapping[str, Any]) -> None:
    where = {"Bucket": bucket, "Key": key}
    if size <= _PART:
        client.put_object(**where, Body=body.read(), **told)
        return
    upload = {**where, "UploadId": client.create_multipart_upload(**where, **told)["UploadId"]}
    parts: list[dict[str, Any]] = []
    try:
        while chunk := body.read(_PART):
            number = len(parts) + 1
            answer = client.upload_part(**upload, PartNumber=number, Body=chunk)
            parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    except BaseException:
        client.abort_multipart_upload(**upload)
        raise
