"""The information types that travel: frozen models, every leaf of which names its category."""

from cordiale.payloads.codec import MISSING, Carried, Partial
from cordiale.payloads.forms import FormField, answers_of, fill
from cordiale.payloads.items import Leaf, Stub, itemise, marked, subjects
from cordiale.payloads.model import UNIDENTIFIED, Attachment, FreeText, Passage, Payload, text_digest
from cordiale.payloads.outlines import Outline, Said, only, outline
from cordiale.payloads.registry import (
    TYPES,
    InformationType,
    decode,
    decode_bytes,
    decode_distress,
    encode,
    type_named,
    written,
)

__all__ = [
    "MISSING",
    "TYPES",
    "UNIDENTIFIED",
    "Attachment",
    "Carried",
    "FormField",
    "FreeText",
    "InformationType",
    "Leaf",
    "Outline",
    "Partial",
    "Passage",
    "Payload",
    "Said",
    "Stub",
    "answers_of",
    "decode",
    "decode_bytes",
    "decode_distress",
    "encode",
    "fill",
    "itemise",
    "marked",
    "only",
    "outline",
    "subjects",
    "text_digest",
    "type_named",
    "written",
]
