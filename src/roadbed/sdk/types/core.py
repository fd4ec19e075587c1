"""Values that stand in the graph as resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Reference
from roadbed.sdk.resources import Resource


class Data(Resource):
    """Carries any value and does nothing in the world.

    - `input`: any JSON, nothing secret.
    - `triggers`: anything; a change of it makes a new one. A change replaces it.
    """

    TYPE = "core:Data"

    if TYPE_CHECKING:
        output: Reference
        """What was given as `input`, null where nothing was."""

    def __init__(
        self,
        name: str,
        /,
        *,
        input: Any = None,
        triggers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "input": input,
            "triggers": triggers,
        }
        super().__init__(self.TYPE, name, given, **options)


class Secret(Resource):
    """Carries a secret value and does nothing in the world.

    - `input`: text, or any JSON, which then becomes text.
    - `triggers`: anything; a change of it makes a new one. A change replaces it.
    """

    TYPE = "core:Secret"

    if TYPE_CHECKING:
        output: Reference
        """What was given as `input`, as text. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        input: Any,
        triggers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "input": input,
            "triggers": triggers,
        }
        super().__init__(self.TYPE, name, given, **options)
