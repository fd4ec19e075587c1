"""What is asked of the object store, by its administrator or with a bucket's own keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, TypeVar

from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Transient
from roadbed.providers.s3 import backups
from roadbed.providers.s3.config import REGION
from roadbed.sdk.backups import Contents

T = TypeVar("T")
_TIMEOUT_S = 20
_NONE = ("NoSuchBucket", "404")
_KEYS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "403")


class Store:
    """The SDK does the talking, in a thread: it is imported when there is something to say."""

    def __init__(self, endpoint: str, access_key: str, secret_key: str) -> None:
        from botocore.config import Config  # noqa: PLC0415 - 25 MB, of which a platform without buckets has no use
        from botocore.session import Session  # noqa: PLC0415

        self._client: Any = Session().create_client(
            "s3",
            region_name=REGION,
            endpoint_url=endpoint,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=Config(
                s3={"addressing_style": "path"},
                connect_timeout=_TIMEOUT_S,
                read_timeout=_TIMEOUT_S,
                retries={"total_max_attempts": 2},
            ),
        )

    async def exists(self, bucket: str) -> bool:
        return await self._ask(lambda: self._client.head_bucket(Bucket=bucket), otherwise=None) is not None

    async def ensure(self, bucket: str) -> None:
        if not await self.exists(bucket):
            await self._ask(lambda: self._client.create_bucket(Bucket=bucket))

    async def versioned(self, bucket: str) -> bool:
        answer = await self._ask(lambda: self._client.get_bucket_versioning(Bucket=bucket))
        return bool(answer.get("Status") == "Enabled")

    async def set_versioned(self, bucket: str, wanted: bool) -> None:
        """One that was versioned once can only suspend it."""
        if await self.versioned(bucket) != wanted:
            status = {"Status": "Enabled" if wanted else "Suspended"}
            await self._ask(lambda: self._client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=status))

    async def empty(self, bucket: str) -> bool:
        """Whether it has no object, and no older version of one."""
        return await self._ask(lambda: next(self._pages(bucket), None), otherwise=None) is None

    async def remove(self, bucket: str, *, with_objects: bool) -> None:
        """Also when it is gone. Raises Conflict for one that has objects, unless they go with it."""
        if with_objects:
            await self._ask(lambda: self._purge(bucket), otherwise=None)
        await self._ask(lambda: self._client.delete_bucket(Bucket=bucket), otherwise=None)

    async def lets_in(self, bucket: str) -> bool:
        """Whether these keys open the bucket."""
        try:
            await self._ask(lambda: self._client.list_objects_v2(Bucket=bucket, MaxKeys=1))
        except Conflict:
            return False
        return True

    async def save(self, bucket: str, sink: BinaryIO) -> Contents:
        """Writes its objects into `sink`. Raises Conflict where there is no such bucket."""
        found: Contents = await self._ask(lambda: backups.save(self._client, bucket, sink))
        return found

    async def restore(self, bucket: str, source: BinaryIO) -> Contents:
        """Makes it hold what `source` does, and nothing else; counted afterwards."""
        await self._ask(lambda: backups.restore(self._client, bucket, source))
        found: Contents = await self._ask(lambda: backups.count(self._client, bucket))
        return found

    def _pages(self, bucket: str) -> Iterator[list[dict[str, str]]]:
        """All objects and their older versions, as a removal names them."""
        for page in self._client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if found:
                yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]

    def _purge(self, bucket: str) -> None:
        for objects in self._pages(bucket):
            self._client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for upload in page.get("Uploads", []):
                self._client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])

    async def _ask(self, call: Callable[[], Any], **fallback: None) -> Any:
        """Raises Conflict for what the store refuses, Transient for what may work the next time.

        With `otherwise`, that is the answer where there is no such bucket.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            return await asyncio.to_thread(call)
        except ClientError as error:
            told = error.response["Error"]
            if told["Code"] in _NONE and fallback:
                return fallback["otherwise"]
            if told["Code"] == "BucketNotEmpty" or 400 <= _status(error) < 500:
                raise Conflict(f"the object store refused: {told.get('Message') or told['Code']}") from error
            raise Transient(f"the object store is in trouble: {told.get('Message') or told['Code']}") from error
        except BotoCoreError as error:
            raise Transient(f"the object store can't be reached: {error}") from error


def _status(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
