"""Live pages over SSE: the node says that something is new; each open page asks for what its reader may see.

An event carries no content. A stream ends after ten minutes; the browser connects anew, and its session is
looked at again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
from litestar import Request, get
from litestar.response import ServerSentEvent, ServerSentEventMessage

LOOK_S: Final = 0.5
BEAT_LOOKS: Final = 30  # a comment keeps proxies from closing a quiet line
STREAM_LOOKS_MAX: Final = 1200


@dataclass(slots=True)
class Pulse:
    """How often the node has announced distress and anything else; counts only grow."""

    counts: dict[str, int] = field(default_factory=lambda: {"distress": 0, "tray": 0})

    def hear(self, what: str) -> None:
        """Called by the node, from whatever thread, when something new is to be seen."""
        self.counts["distress" if what == "distress" else "tray"] += 1

    def look(self) -> dict[str, int]:
        return dict(self.counts)


@get("/live/events")
async def events(request: Request[Any, Any, Any]) -> ServerSentEvent:
    """`distress` when the red strip may have changed, `tray` when something came or went."""
    return ServerSentEvent(_stream(request.app.state.pulse))


async def _stream(pulse: Pulse) -> AsyncIterator[ServerSentEventMessage]:
    before = pulse.look()
    yield ServerSentEventMessage(event="hello", data="", retry=3000)
    for count in range(STREAM_LOOKS_MAX):
        await anyio.sleep(LOOK_S)
        after = pulse.look()
        for kind in after:
            if after[kind] != before[kind]:
                yield ServerSentEventMessage(event=kind, data="")
        if count % BEAT_LOOKS == 0:
            yield ServerSentEventMessage(comment="beat")
        before = after


PAGES = [events]
