"""S3: buckets on an object store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class Bucket(Resource):
    """A bucket on the platform's object store, with keys that open this bucket and no other.

    - `versioned`: whether objects keep their older versions; false. Once it was, versions stay until they are deleted.
    - `force_destroy`: whether the bucket is deleted with the objects in it; false: one that has any is kept.

    ```python
    exports = s3.Bucket("exports", versioned=True)
    where = f"{exports.endpoint}/{exports.bucket}"
    ```
    """

    TYPE = "s3:Bucket"

    if TYPE_CHECKING:
        bucket: Reference
        """Its name."""
        endpoint: Reference
        """The URL of the object store; buckets are addressed by path."""
        region: Reference
        """The region that signatures name."""
        access_key_id: Reference
        """The access key."""
        secret_key: Reference
        """The secret key. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        versioned: bool | Deferred | None = None,
        force_destroy: bool | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {"versioned": versioned, "force_destroy": force_destroy}
        super().__init__(self.TYPE, name, given, **options)
