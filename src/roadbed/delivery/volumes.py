"""How much the volumes of an application hold."""

from __future__ import annotations

from collections.abc import Mapping

from roadbed.engine.domain import Recorded
from roadbed.engine.service import StackInfo
from roadbed.runtimes.service import Runtimes
from roadbed.runtimes.types import VOLUME
from roadbed.storage.call import Call


async def volume_sizes(
    call: Call, runtimes: Runtimes, stack: StackInfo, resources: Mapping[str, Recorded]
) -> dict[str, int]:
    """Bytes, by URN, as they were at most half a minute ago."""
    sources = {item.urn: str(item.outputs.get("source")) for item in resources.values() if item.type == VOLUME}
    if not sources:
        return {}
    sizes = await runtimes.volume_sizes(call, str(stack.name), sources.values(), owner=stack.owner)
    return {urn: sizes[source] for urn, source in sources.items() if source in sizes}
