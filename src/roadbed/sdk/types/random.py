"""Random values that are made once and kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class Id(Resource):
    """Random bytes to tell things apart by. Not a secret.

    - `byte_length`: how many bytes; 8. A change replaces it.
    - `prefix`: text that each spelling begins with. A change replaces it.
    - `keepers`: anything; a change of it makes a new value. A change replaces it.
    """

    TYPE = "random:Id"

    if TYPE_CHECKING:
        hex: Reference
        """The bytes in hexadecimal."""
        dec: Reference
        """The bytes as a decimal number."""
        b64_std: Reference
        """The bytes in base64."""
        b64_url: Reference
        """The bytes in base64 for URLs, without padding."""

    def __init__(
        self,
        name: str,
        /,
        *,
        byte_length: int | Deferred | None = None,
        prefix: str | Deferred | None = None,
        keepers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "byte_length": byte_length,
            "prefix": prefix,
            "keepers": keepers,
        }
        super().__init__(self.TYPE, name, given, **options)


class Password(Resource):
    """A random password.

    - `length`: how many characters; 32. A change replaces it.
    - `upper`: whether it may hold capital letters; true. A change replaces it.
    - `lower`: whether it may hold small letters; true. A change replaces it.
    - `numeric`: whether it may hold digits; true. A change replaces it.
    - `special`: whether it may hold special characters; true. A change replaces it.
    - `override_special`: the special characters to choose from; !@#$%&*()-_=+[]{}<>:? A change replaces it.
    - `min_upper`: how many capital letters at least; 0. A change replaces it.
    - `min_lower`: how many small letters at least; 0. A change replaces it.
    - `min_numeric`: how many digits at least; 0. A change replaces it.
    - `min_special`: how many special characters at least; 0. A change replaces it.
    - `keepers`: anything; a change of it makes a new value. A change replaces it.
    """

    TYPE = "random:Password"

    if TYPE_CHECKING:
        result: Reference
        """The password. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        length: int | Deferred | None = None,
        upper: bool | Deferred | None = None,
        lower: bool | Deferred | None = None,
        numeric: bool | Deferred | None = None,
        special: bool | Deferred | None = None,
        override_special: str | Deferred | None = None,
        min_upper: int | Deferred | None = None,
        min_lower: int | Deferred | None = None,
        min_numeric: int | Deferred | None = None,
        min_special: int | Deferred | None = None,
        keepers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "length": length,
            "upper": upper,
            "lower": lower,
            "numeric": numeric,
            "special": special,
            "override_special": override_special,
            "min_upper": min_upper,
            "min_lower": min_lower,
            "min_numeric": min_numeric,
            "min_special": min_special,
            "keepers": keepers,
        }
        super().__init__(self.TYPE, name, given, **options)


class Integer(Resource):
    """A random whole number.

    - `min`: the smallest it may be. A change replaces it.
    - `max`: the largest it may be. A change replaces it.
    - `keepers`: anything; a change of it makes a new value. A change replaces it.
    """

    TYPE = "random:Integer"

    if TYPE_CHECKING:
        result: Reference
        """The number."""

    def __init__(
        self,
        name: str,
        /,
        *,
        min: int | Deferred,
        max: int | Deferred,
        keepers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "min": min,
            "max": max,
            "keepers": keepers,
        }
        super().__init__(self.TYPE, name, given, **options)


class Pet(Resource):
    """A name that people can remember.

    - `length`: how many words; 2. A change replaces it.
    - `separator`: what stands between the words; a hyphen. A change replaces it.
    - `prefix`: A word in front. A change replaces it.
    - `keepers`: anything; a change of it makes a new value. A change replaces it.
    """

    TYPE = "random:Pet"

    if TYPE_CHECKING:
        result: Reference
        """The name."""

    def __init__(
        self,
        name: str,
        /,
        *,
        length: int | Deferred | None = None,
        separator: str | Deferred | None = None,
        prefix: str | Deferred | None = None,
        keepers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "length": length,
            "separator": separator,
            "prefix": prefix,
            "keepers": keepers,
        }
        super().__init__(self.TYPE, name, given, **options)


class Choice(Resource):
    """Some of several values, in a random order.

    - `values`: what to choose from. A change replaces it.
    - `count`: how many to choose; 1. A change replaces it.
    - `keepers`: anything; a change of it makes a new value. A change replaces it.
    """

    TYPE = "random:Choice"

    if TYPE_CHECKING:
        result: Reference
        """The first of those chosen."""
        results: Reference
        """All that were chosen."""

    def __init__(
        self,
        name: str,
        /,
        *,
        values: Sequence[Any],
        count: int | Deferred | None = None,
        keepers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "values": values,
            "count": count,
            "keepers": keepers,
        }
        super().__init__(self.TYPE, name, given, **options)


class Uuid(Resource):
    """A random UUID (RFC 9562, version 4).

    - `keepers`: anything; a change of it makes a new value. A change replaces it.
    """

    TYPE = "random:Uuid"

    if TYPE_CHECKING:
        result: Reference
        """The UUID."""

    def __init__(
        self,
        name: str,
        /,
        *,
        keepers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "keepers": keepers,
        }
        super().__init__(self.TYPE, name, given, **options)
