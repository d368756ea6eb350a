"""What a contact point answers on its port: messages in, receipts out, several of each in one POST.

A frame is four bytes of length and the bytes. Each message is answered by one frame whose first byte says
what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cordiale.errors import CordialeError, ExchangeError, StoreError
from cordiale.exchange.attachments import CHUNKS, take_chunk
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.mending import LANES, answer_notice
from cordiale.exchange.notices import HOLDERS, tell_holders
from cordiale.exchange.stages import Received
from cordiale.exchange.standing import PLACES, tell

MESSAGES: Final = "/exchange/v1/messages"
HELLO: Final = "/exchange/v1/hello"
FRAMES_MAX: Final = 1024  # messages in one POST
RECEIPT: Final = b"R"
BEHIND: Final = b"B"
REJECTED: Final = b"N"
LATER: Final = b"L"

Path = Callable[[bytes, str], bytes]
"""(body, the partner over whose connection it came, "" when none was seen) -> the answer's body."""


def join(frames: Sequence[bytes]) -> bytes:
    """Frames in one body."""
    return b"".join(len(frame).to_bytes(4) + frame for frame in frames)


def split(body: bytes) -> list[bytes]:
    """The frames of a body. Raises ExchangeError when they do not fill it exactly, or are too many."""
    frames: list[bytes] = []
    at = 0
    while at < len(body):
        length = int.from_bytes(body[at : at + 4])
        end = at + 4 + length
        if len(body) < at + 4 or end > len(body) or len(frames) == FRAMES_MAX:
            raise ExchangeError(f"the body is not 1 to {FRAMES_MAX} whole frames", field="body")
        frames.append(body[at + 4 : end])
        at = end
    return frames


class Service:
    """Answers what comes in through the listener. `others`: paths that other rooms answer (tiles,
    witnessing).
    """

    def __init__(self, point: ContactPoint, others: Mapping[str, Path] | None = None) -> None:
        self._point = point
        self._paths: dict[str, Path] = {
            HELLO: self._hello,
            MESSAGES: self._messages,
            CHUNKS: lambda body, by: take_chunk(point, body, by=by),
            HOLDERS: lambda body, _: tell_holders(point, body),
            LANES: lambda body, _: answer_notice(point, body),
            PLACES: lambda body, _: tell(point, body),
            **(others or {}),
        }

    def __call__(self, path: str, body: bytes, *, by: str = "") -> tuple[int, bytes]:
        """(HTTP status, body). `by`: the partner over whose connection it came, "" when none was seen."""
        answer = self._paths.get(path)
        if answer is None:
            return 404, b""
        try:
            return 200, answer(body, by)
        except StoreError:
            return 503, b""
        except CordialeError:
            return 400, b""

    def partner_of(self, certificate: bytes) -> str:
        """The active partner whose card pins a TLS certificate (DER), asked at this moment; "" for nobody."""
        return self._point.partner_of(certificate)

    def _messages(self, body: bytes, by: str) -> bytes:
        return join([_reply(*one) for one in self._point.accept(split(body), by=by)])

    def _hello(self, body: bytes, by: str) -> bytes:
        """Our card, to whoever has passed the outer wall: `peer check` compares it with the one that it
        holds.
        """
        del body, by
        return self._point.identity.card.to_bytes()


def _reply(received: Received | StoreError, receipt: bytes) -> bytes:
    if isinstance(received, StoreError):
        return LATER + b"store"
    if receipt:
        return RECEIPT + receipt
    if received.outcome == "later":
        return LATER + b"again"
    if received.outcome == "behind":
        return BEHIND + str(received.expected).encode()
    return REJECTED + received.reason.encode()
