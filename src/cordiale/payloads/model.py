"""The shape of what travels: frozen models, every leaf of which names its category.

A model is a `Payload` made of leaves, `Part`s, `FreeText` and `Attachment`s. The category stands in the
type (`Annotated[str, Category.NAME]`): the gate needs nothing else. Constructors refuse what does not fit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from cordiale.errors import PayloadError
from cordiale.terms import Category, Role, SubjectKind

TEXT_CHARS_MAX: Final = 20_000  # a long report; more belongs into an attachment
LEAF_CHARS_MAX: Final = 200  # a name, a place, a line
ENTRIES_MAX: Final = 200  # persons, points or figures in one message
PASSAGES_MAX: Final = 400  # marks in one text
ATTACHMENT_BYTES_MAX: Final = 1 << 30  # 1 GiB in sealed chunks; more belongs on a disk that is handed over
NUMBER_MAX: Final = 10**12

UNIDENTIFIED: Final = "unidentified"
"""The subject of a personal leaf of which nobody has said whom it is about."""

Asserted = Literal["fact", "assessment"]
"""Facts stay apart from assessments (DPA 2018 s.38(2), LED Art 7(1))."""

Json = Any
"""A JSON value: str, int, bool, None, list or dict with str keys. Never a float: see `Degrees`."""


@dataclass(frozen=True, slots=True)
class Longest:
    """The most characters that a leaf may have."""

    chars: int


@dataclass(frozen=True, slots=True)
class Between:
    """The lowest and highest number that a leaf may have."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Shaped:
    """The shape that a leaf must have, and how to say so to a person."""

    pattern: str
    says: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """Marks a leaf as an assessment, not a fact."""


@dataclass(frozen=True, slots=True)
class Degrees:
    """Marks an integer as millionths of a degree; forms show it as degrees."""


@dataclass(frozen=True, slots=True)
class Key:
    """Marks the subject id of a person part. It goes with the part and is no item of its own."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Marks a pointer to a subject id: whom the part that holds it is about."""


# An ordinal says nothing about the person; a name would not fit in it.
_SUBJECT_SHAPE: Final = Shaped(r"[a-z]{1,2}[0-9]{1,4}", "one or two letters and a number, such as `s1`")
SubjectId = Annotated[str, Category.REFERENCE, Key(), _SUBJECT_SHAPE]
SubjectRef = Annotated[str, Category.REFERENCE, Ref(), _SUBJECT_SHAPE]

_T = TypeVar("_T")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def model(cls: type[_T]) -> type[_T]:
    """Make a class a frozen, slotted, keyword-only dataclass."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@model
class Part:
    """A group of leaves inside a payload."""

    def __post_init__(self) -> None:
        for name, blank, fits, slot in _fitting(type(self)):
            value = getattr(self, name)
            if value is not blank and not fits(value):
                check(slot, value, name)


@model
class Subject(Part):
    """A part that is about one person or firm: its leaves are items about `subject`."""

    ROLE: ClassVar[Role] = Role.UNKNOWN
    KIND: ClassVar[SubjectKind] = SubjectKind.PERSON

    subject: SubjectId


@model
class Payload(Part):
    """One message body of one information type."""

    TYPE: ClassVar[str] = ""
    MODEL: ClassVar[str] = "report"


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of free text, and what a person says it holds. Unmarked, it counts as every category.

    `subjects`: ids of those it is about. `marked_by`: the account that marked it; "sender" once it has left.
    """

    text: str
    categories: tuple[Category, ...] = ()
    subjects: tuple[str, ...] = ()
    marked_by: str = ""

    def __post_init__(self) -> None:
        if not self.text or len(self.text) > TEXT_CHARS_MAX:
            raise PayloadError(f"a passage has 1 to {TEXT_CHARS_MAX} characters", field="text")
        _check_statement(self.categories, self.subjects, self.marked_by)


@dataclass(frozen=True, slots=True)
class FreeText:
    """Free text as passages. Marks hold only while `digest` is the digest of the whole text."""

    passages: tuple[Passage, ...]
    digest: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.passages) <= PASSAGES_MAX:
            raise PayloadError(f"a text has 1 to {PASSAGES_MAX} passages", field="passages")
        if len(self.text) > TEXT_CHARS_MAX:
            raise PayloadError(
                f"the text has {len(self.text)} characters, {TEXT_CHARS_MAX} may travel",
                field="passages",
                way_out="Put the rest into an attachment.",
            )

    @classmethod
    def of(cls, text: str) -> FreeText:
        """Text as typed, with no marks."""
        return cls((Passage(text),), text_digest(text))

    @property
    def text(self) -> str:
        return "".join(p.text for p in self.passages)

    @property
    def marks_hold(self) -> bool:
        """Whether the text is still the one that was marked."""
        return self.digest == text_digest(self.text)

    def mark(self, start: int, end: int, passage: Passage) -> FreeText:
        """Mark the characters from `start` to `end` as `passage` says; its text must be those characters.

        Raises PayloadError when it is not, or when the stretch reaches into another mark.
        """
        whole = self.text if self.marks_hold else ""
        if not passage.categories or whole[start:end] != passage.text:
            raise PayloadError(
                "the marked passage is not what the text says", field="text", way_out="Mark the text anew."
            )
        parts: list[Passage] = []
        at = 0
        for old in self.passages:
            after = at + len(old.text)
            if after <= start or at >= end:
                parts.append(old)
            elif old.categories or start < at or end > after:
                raise PayloadError("the stretch reaches into another mark", field="text")
            else:
                pieces = (Passage(old.text[: start - at]) if start > at else None, passage)
                parts.extend(p for p in pieces if p)
                parts.extend([Passage(old.text[end - at :])] if end < after else [])
            at = after
        return FreeText(tuple(parts), self.digest)

    def rewritten(self, text: str) -> FreeText:
        """The same text if unchanged; else the new text, without marks."""
        return self if text == self.text and self.marks_hold else FreeText.of(text)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside the message. What it holds and shows is unknown until a person states it.

    `sha256`: 64 hex digits of the bytes. `stated_sha256`: the digest that the statement was made about.
    """

    name: str
    sha256: str
    size: int
    categories: tuple[Category, ...] = ()
    subjects: tuple[str, ...] = ()
    stated_by: str = ""
    stated_sha256: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w][\w .()-]{0,119}", self.name):
            raise PayloadError(
                f"`{self.name[:40]}` is no file name that may travel",
                field="name",
                way_out="Use letters, digits, space, dot, hyphen, at most 120.",
            )
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise PayloadError("the digest is 64 hexadecimal digits", field="sha256")
        if isinstance(self.size, bool) or not 0 < self.size <= ATTACHMENT_BYTES_MAX:
            raise PayloadError(f"an attachment has 1 to {ATTACHMENT_BYTES_MAX} bytes", field="size")
        _check_statement(self.categories, self.subjects, self.stated_by)

    @property
    def statement_holds(self) -> bool:
        """Whether the statement was made about these very bytes."""
        return bool(self.categories) and self.stated_sha256 == self.sha256


def _check_statement(categories: tuple[Category, ...], subjects: tuple[str, ...], by: str) -> None:
    """A mark names what, whom and who said so; "anything" cannot be stated."""
    if any(c in (Category.FREE_TEXT, Category.ATTACHMENT) for c in categories):
        raise PayloadError("say what it holds: free text is no answer", field="categories")
    if len(set(categories)) != len(categories) or len(set(subjects)) != len(subjects):
        raise PayloadError("named twice", field="categories")
    if any(not is_subject_id(s) for s in subjects):
        raise PayloadError(f"a subject id is {_SUBJECT_SHAPE.says}", field="subjects")
    if bool(categories) != bool(by) or len(by) > LEAF_CHARS_MAX or (subjects and not categories):
        raise PayloadError("a mark names its categories and the person who made it", field="marked_by")


_SUBJECT: Final = re.compile(_SUBJECT_SHAPE.pattern)


def is_subject_id(text: str) -> bool:
    """Whether a text may name a subject."""
    return _SUBJECT.fullmatch(text) is not None


def text_digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# ------------------------------------------------------------------------------ introspection


@dataclass(frozen=True, slots=True)
class Slot:
    """One field of a model, as its annotation says.

    `kind`: leaf, key, ref, part, text, attachment. `of`: the scalar type or part class. `stated`: always
    there when it travels: it is required, or leaving it out would let a default speak.
    """

    name: str
    kind: str
    of: type
    many: bool
    required: bool
    stated: bool
    category: Category | None
    asserted: Asserted
    marks: tuple[object, ...]

    def mark(self, kind: type[_T]) -> _T | None:
        """The marker of this kind, if the annotation has one."""
        return next((m for m in self.marks if isinstance(m, kind)), None)


def slots(cls: type) -> tuple[Slot, ...]:
    """The fields of a model in order. Raises TypeError for an annotation that this room does not know."""
    return _slots(cls)


def once_a_class(make: Callable[[type], _T]) -> Callable[[type], _T]:
    """`make`, called once for each class."""
    return cache(make)


@once_a_class
def _slots(cls: type) -> tuple[Slot, ...]:
    hints = get_type_hints(cls, include_extras=True)
    return tuple(_slot(f, hints[f.name]) for f in fields(cls))


def _slot(field: Field[Any], hint: Any) -> Slot:
    inner, many = _without_tuple(_without_none(hint))
    base, marks = _without_marks(inner)
    category = next((m for m in marks if isinstance(m, Category)), None)
    asserted: Asserted = "assessment" if any(isinstance(m, Assessed) for m in marks) else "fact"
    required = field.default is MISSING and field.default_factory is MISSING
    stated = required or field.default not in (None, ())
    return Slot(field.name, _kind(base, marks), base, many, required, stated, category, asserted, marks)


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        rest = [a for a in get_args(hint) if a is not NoneType]
        if len(rest) != 1:
            raise TypeError(f"{hint} is a choice of types; a leaf has one")
        return rest[0]
    return hint


def _without_tuple(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) is tuple:
        return get_args(hint)[0], True
    return hint, False


def _without_marks(hint: Any) -> tuple[type, tuple[object, ...]]:
    if get_origin(hint) is Annotated:
        base, *marks = get_args(hint)
        return base, tuple(marks)
    return hint, ()


def _kind(base: type, marks: tuple[object, ...]) -> str:
    if issubclass(base, FreeText):
        return "text"
    if issubclass(base, Attachment):
        return "attachment"
    if issubclass(base, Part):
        return "part"
    if not issubclass(base, str | int | date):
        raise TypeError(f"{base} cannot travel")
    if any(isinstance(m, Key) for m in marks):
        return "key"
    return "ref" if any(isinstance(m, Ref) for m in marks) else "leaf"


# ------------------------------------------------------------------------------ checks


def check(slot: Slot, value: object, path: str) -> None:
    """Refuse a value that its slot does not allow: wrong type, missing, too long, too many, out of range."""
    if slot.many:
        if not isinstance(value, tuple):
            raise PayloadError("must be a list", field=path)
        if len(value) > ENTRIES_MAX:
            raise PayloadError(f"has {len(value)} entries, {ENTRIES_MAX} may travel", field=path)
        if slot.kind == "ref" and len(set(value)) != len(value):
            raise PayloadError("names a subject twice", field=path)
        for index, entry in enumerate(value):
            check_one(slot, entry, f"{path}.{index}")
    elif value is None:
        if slot.required:
            raise PayloadError("is missing", field=path)
    else:
        check_one(slot, value, path)


def check_one(slot: Slot, value: object, path: str) -> None:
    """Refuse one entry that its slot does not allow."""
    if not isinstance(value, slot.of) or (isinstance(value, bool) and slot.of is not bool):
        raise PayloadError(f"must be {said(slot.of)}, not {said(type(value))}", field=path)
    if isinstance(value, datetime):
        if value.utcoffset() != timedelta(0):
            raise PayloadError("must be a time in UTC", field=path)
    elif isinstance(value, StrEnum):
        return
    elif isinstance(value, str):
        _check_text(slot, value, path)
    elif isinstance(value, int) and slot.of is int:
        span = slot.mark(Between) or Between(0, NUMBER_MAX)
        if not span.low <= value <= span.high:
            raise PayloadError(f"must lie between {span.low} and {span.high}", field=path)


def _check_text(slot: Slot, value: str, path: str) -> None:
    longest = slot.mark(Longest) or Longest(LEAF_CHARS_MAX)
    if not value.strip():
        raise PayloadError("is empty", field=path, way_out="Leave it out instead.")
    if len(value) > longest.chars:
        raise PayloadError(f"has {len(value)} characters, {longest.chars} may travel", field=path)
    if CONTROL.search(value):
        raise PayloadError("holds a control character", field=path)
    shaped = slot.mark(Shaped)
    if shaped and not re.fullmatch(shaped.pattern, value):
        raise PayloadError(f"must be {shaped.says}", field=path)


CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")  # all below 32 but tab and line feed


# The fast twin of `check`: a yes here is a yes there; for a no, `check` is asked and says why.


Fits = Callable[[object], bool]


@once_a_class
def _fitting(cls: type) -> tuple[tuple[str, object, Fits, Slot], ...]:
    """Of each slot: its name, what stands in it when nothing was said, and the two ways to look closer."""
    return tuple((slot.name, _blank(slot), fitting(slot), slot) for slot in slots(cls))


def _blank(slot: Slot) -> object:
    return () if slot.many else object() if slot.required else None


def fitting(slot: Slot) -> Fits:
    """Whether a value of a slot needs no closer look."""
    one, required, once = fitting_one(slot), slot.required, slot.kind == "ref"
    if not slot.many:
        return lambda value: one(value) if value is not None else not required

    def every(value: object) -> bool:
        return value == () or (
            type(value) is tuple
            and len(value) <= ENTRIES_MAX
            and all(map(one, value))
            and not (once and len(set(value)) != len(value))
        )

    return every


def fitting_one(slot: Slot) -> Fits:
    """Whether one entry of a slot needs no closer look."""
    of = slot.of
    if of is str:
        return _fitting_text(slot)
    if of is int:
        span = slot.mark(Between) or Between(0, NUMBER_MAX)
        low, high = span.low, span.high
        return lambda value: type(value) is int and low <= value <= high
    if of is datetime:
        return lambda value: type(value) is datetime and value.tzinfo is UTC
    return lambda value: type(value) is of


def _fitting_text(slot: Slot) -> Fits:
    longest = (slot.mark(Longest) or Longest(LEAF_CHARS_MAX)).chars
    control, shaped = CONTROL.search, slot.mark(Shaped)
    shape = re.compile(shaped.pattern).fullmatch if shaped else None

    def fits(value: object) -> bool:
        return (
            type(value) is str
            and len(value) <= longest
            and not value.isspace()
            and value != ""
            and control(value) is None
            and (shape is None or shape(value) is not None)
        )

    return fits


_SAID: Final[dict[type, str]] = {
    str: "text",
    int: "a whole number",
    bool: "yes or no",
    datetime: "a time",
    date: "a date",
    float: "a fraction",
    FreeText: "free text",
    Attachment: "an attachment",
}


def said(kind: type) -> str:
    """A type in plain words."""
    return _SAID.get(kind, f"`{kind.__name__}`")


def walk(cls: type, visit: Callable[[type, Slot], None]) -> None:
    """Visit every slot of a model and of every part below it, each part once."""
    seen: set[type] = set()
    todo = [cls]
    while todo:
        here = todo.pop()
        if here in seen:
            continue
        seen.add(here)
        for slot in slots(here):
            visit(here, slot)
            if slot.kind == "part":
                todo.append(slot.of)
