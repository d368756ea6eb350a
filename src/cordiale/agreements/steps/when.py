"""Step 5: when. Outside its dates, suspended, or of unknown status, an agreement permits nothing."""

from __future__ import annotations

from cordiale.agreements.case import Case
from cordiale.agreements.model import Agreement, Record
from cordiale.agreements.register import Day


def check(case: Case) -> None:
    """The agreement applies on the day, is neither suspended nor ended by a record, and the line's own dates
    hold.
    """
    agreement = case.agreement
    assert agreement is not None, "step 5 is asked of an agreement"
    if case.asked.act in agreement.continues_after_end:
        # Recall, correction, restriction and erasure follow every copy, whatever became of the agreement.
        return
    _validity(case, agreement)
    for record in case.day.stops(agreement):
        if _suspends(record, case):
            case.refuse(
                5,
                case.said(
                    "terminated" if record.kind == "termination" else "suspended",
                    agreement=agreement.id,
                    ground=record.ground or record.title,
                ),
                record,
            )
    if case.line is not None and not case.line.in_force(case.day.on):
        case.refuse(5, case.said("line_dates", day=case.day.on), case.line)


def _suspends(record: Record, case: Case) -> bool:
    listed = stopped(record)
    return not listed or (case.line is not None and case.line.id in listed)


def stopped(record: Record) -> frozenset[str]:
    """The provisions that such a record names; none named, or words that are no list, is the whole text."""
    scope = record.scope
    return record.provisions | (frozenset(map(str, scope)) if isinstance(scope, list) else frozenset())


def applies(agreement: Agreement, day: Day) -> bool:
    """Whether an agreement applies on the day: a known span, or an instrument loaded for it."""
    known = any(
        s.in_force(day.on) and s.status == "in_force" and s.confidence != "unconfirmed"
        for s in agreement.validity
    )
    return known or extended(agreement, day) is not None


def extended(agreement: Agreement, day: Day) -> Record | None:
    """The instrument in force that carries the agreement over this day."""
    loaded = (r for r in day.records if r.kind == "instrument" and r.agreement == agreement.id)
    return next((r for r in loaded if r.confidence != "unconfirmed"), None)


def _validity(case: Case, agreement: Agreement) -> None:
    if applies(agreement, case.day):
        instrument = extended(agreement, case.day)
        if instrument is not None:
            case.relies_on.add(instrument.id)
        for span in agreement.validity:
            if span.in_force(case.day.on) and span.confidence == "partly":
                case.warn(case.said("partly", article=agreement.title, source=span.source))
        return
    words = {"agreement": agreement.id, "day": case.day.on}
    open_span = next((s for s in agreement.validity if s.in_force(case.day.on)), None)
    if open_span is not None:
        read = open_span.read or open_span.source
        if not case.supplied:
            case.refuse(
                5,
                case.said("status_unknown", read=read, **words),
                open_span,
                article=agreement.title,
                curable=True,
            )
            case.lack(
                "instrument",
                f"instrument:{agreement.id}",
                who="the Sides, by a signed instrument",
                article=read,
            )
        return
    later = [s for s in agreement.validity if s.from_ and s.from_ > case.day.on]
    span = later[0] if later and len(later) == len(agreement.validity) else agreement.validity[-1]
    sentence = case.said("not_yet" if later and span is later[0] else "ended", **words)
    case.refuse(5, sentence, span, article=span.article or agreement.title)
