"""What binds the recipient: from the words of an answer to the one form that travels, and back again.

Whatever is not known here does not travel. Beside it, values as canonical JSON can hold them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from cordiale.errors import ExchangeError, SealError
from cordiale.exchange.message import Restrictions
from cordiale.seals import canonical

FREE: Final = Restrictions(onward="free")

TOGETHER_MAX: Final = 1_024
"""Lists of restrictions kept as one: an agreement names a few, and an end of a period is a day."""
_TOGETHER: Final[dict[bytes, Restrictions]] = {}


def travelling(travels: Iterable[Any]) -> Restrictions:
    """The restrictions of an answer, as one of one shape. Raises ExchangeError for one that is not known
    here.
    """
    several = list(travels)
    key = written(several)
    found = _TOGETHER.get(key)
    if found is None:
        found = FREE
        for one in several:
            found = found.also(_restriction(one))
        if len(_TOGETHER) >= TOGETHER_MAX:
            _TOGETHER.clear()
        _TOGETHER[key] = found
    return found


def _restriction(one: Any) -> Restrictions:
    name, value = (one, True) if isinstance(one, str) else next(iter(dict(one).items()), ("", None))
    loose = FREE
    match name:
        case "no_onward":
            return replace(loose, onward="never")
        case "ask_originator" | "ask_or_emergency_then_tell":
            return replace(loose, onward=name)
        case "no_court_use":
            return replace(loose, no_court_use=bool(value))
        case "no_identification":
            return replace(loose, no_identification=bool(value))
        case "feedback":
            return replace(loose, feedback=bool(value))
        case "use_only":
            return replace(loose, use_only=_listed(value))
        case "never_to":
            return replace(loose, never_to=_listed(value))
        case "access":
            return replace(loose, access=bool(value))
        case "erase_by" | "review_by" if value is True:  # no day was named: a person sets it
            return replace(loose, review=True)
        case "erase_by" | "review_by":
            return _ending(name, _moment(value))
    raise ExchangeError(f"`{name}` is no restriction that can travel", field="travels")


def _ending(name: str, at: datetime | None) -> Restrictions:
    """A day of erasure or review; of a period whose start nobody stated, a person sets the end."""
    if name == "erase_by" and at is not None:
        return replace(FREE, erase_by=at)
    return replace(FREE, review=True, review_by=at)


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(sorted([value] if isinstance(value, str) else map(str, value)))


def as_asked(restrictions: Restrictions) -> list[Any]:
    """Restrictions under which something was received, in the words of a question: an onward request carries
    them.
    """
    held = restrictions
    onward = {"never": "no_onward"}.get(held.onward, held.onward)
    flags = {
        "no_court_use": held.no_court_use,
        "no_identification": held.no_identification,
        "access": held.access,
    }
    flags |= {"feedback": held.feedback, "review_by": held.review, "erase_by": held.erase_by is not None}
    out: list[Any] = [name for name, on in flags.items() if on]
    out += [onward] if onward not in ("free", "listed") else []
    out += [{"never_to": list(held.never_to)}] if held.never_to else []
    return out + ([{"use_only": list(held.use_only)}] if held.use_only else [])


def _moment(value: Any) -> datetime | None:
    """A day or moment in UTC; None for words such as `90 day from received_at`."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


# -- values as they are written --------------------


def written(value: Any) -> bytes:
    """The canonical bytes of an answer or a part of it; times and dates in it are made plain first."""
    try:
        return canonical(value)
    except SealError:
        return canonical(plain(value))


def plain(value: Any) -> Any:
    """A value as canonical JSON can hold it: times and dates as text, tuples as lists."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
