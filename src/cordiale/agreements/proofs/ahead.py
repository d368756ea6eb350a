"""An agreement proved, or a partner's proofs re-checked, for every day that lies ahead.

Days on which the agreement reads the same are one stretch: it is drawn once and proved once. A receiver draws
its own stretches from its own files, so that a certificate holds here for what it says here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.certificate import About, Certificate, recheck_all
from cordiale.agreements.proofs.prove import Outcome, Posed, noon, served, spans, stated
from cordiale.agreements.proofs.solving import CAP_S, Asks, Solver
from cordiale.agreements.register import Register
from cordiale.errors import CertificateError

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in which an agreement reads the same. `until`: the last one; None has no end."""

    from_: date
    until: date | None
    posed: tuple[Posed, ...]

    def over(self, until: date | None) -> Stretch:
        """The same, up to a later day; the certificates will say so."""
        longer = tuple(replace(one, about=replace(one.about, until=until)) for one in self.posed)
        return Stretch(self.from_, until, longer)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What became of every safeguard on every day ahead; `outcomes` by the first day of each stretch."""

    outcomes: tuple[tuple[date, tuple[Outcome, ...]], ...]

    @property
    def holds(self) -> bool:
        return bool(self.outcomes) and all(one.holds for _, some in self.outcomes for one in some)

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        return tuple(
            one.certificate for _, some in self.outcomes for one in some if one.certificate is not None
        )

    @property
    def failing(self) -> tuple[tuple[date, Outcome], ...]:
        """What does not hold, with the first day on which it does not."""
        return tuple((day, one) for day, some in self.outcomes for one in some if not one.holds)


def stretches(agreement: Agreement, register: Register, at: datetime) -> Iterator[Stretch]:
    """The stretches from the day of `at` on; days on which it permits nothing are stretches too."""
    days = spans(register, at)
    held: Stretch | None = None
    for number, day in enumerate(days):
        until = days[number + 1] - timedelta(days=1) if number + 1 < len(days) else None
        posed = stated(agreement, register, at if day == at.date() else noon(day))
        if held is not None and _said(held.posed) == _said(posed):
            held = held.over(until)
            continue
        if held is not None:
            yield held
        about = replace(posed[0].about, from_=day, until=until)
        held = Stretch(day, until, tuple(replace(one, about=about) for one in posed))
    if held is not None:
        yield held


def _said(posed: Sequence[Posed]) -> tuple[object, ...]:
    """All that a proof rests on: the forms, and what is asked of them."""
    return tuple((one.form.digest(), tuple(sorted(one.questions.items()))) for one in posed)


def prove_ahead(
    agreement: Agreement,
    register: Register,
    at: datetime,
    *,
    cap_s: float = CAP_S,
    by: Asks | None = None,
    tell: Tell = lambda _: None,
) -> Ahead:
    """Prove every safeguard on every day ahead, and that what is promised can be served on the first.

    Raises ValueError for an agreement that cannot be drawn.
    """
    if by is None:
        with Solver() as solver:
            return prove_ahead(agreement, register, at, cap_s=cap_s, by=solver, tell=tell)
    found: list[tuple[date, tuple[Outcome, ...]]] = []
    for stretch in stretches(agreement, register, at):
        tell(f"{agreement.id} from {stretch.from_}")
        outcomes = [one for posed in stretch.posed for one in posed.outcomes(by, cap_s)]
        if not found:
            drawn = stretch.posed[0].sheet
            outcomes.append(served(agreement, register, at, by=by, cap_s=cap_s, sheet=drawn))
        found.append((stretch.from_, tuple(outcomes)))
    return Ahead(tuple(found))


def recheck_ahead(
    agreement: Agreement, register: Register, at: datetime, certificates: Sequence[Certificate]
) -> None:
    """Check a partner's certificates against what is drawn here, for every day ahead, without a solver.

    Which texts the partner had on its disk is not asked: what they mean for this agreement stands in the form
    that is proved, and it must be the form drawn here. Raises CertificateError naming field, safeguard, day.
    """
    for one in certificates:
        told = (one.about.agreement, one.about.version)
        if told != (agreement.id, agreement.version):
            raise CertificateError(
                f"it is of `{told[0]}`, version {told[1]}; asked here is `{agreement.id}`, version"
                f" {agreement.version}",
                field="agreement",
            )
    for stretch in stretches(agreement, register, at):
        speaking = [one for one in certificates if _speaks_of(one.about, stretch.from_)]
        if not speaking:
            raise CertificateError(
                f"no certificate speaks of {stretch.from_}", field="from", way_out=OTHER_TEXTS
            )
        for posed in stretch.posed:
            _recheck(posed, [one for one in speaking if one.safeguard in posed.questions], stretch.from_)


def _recheck(posed: Posed, certificates: Sequence[Certificate], day: date) -> None:
    about = certificates[0].about if certificates else posed.about
    same = [replace(one, about=about) for one in certificates]
    try:
        recheck_all(same, posed.form, posed.questions, about)
    except CertificateError as fault:
        raise CertificateError(
            f"from {day}: {fault.message}", field=fault.field, way_out=OTHER_TEXTS
        ) from None


def _speaks_of(about: About, day: date) -> bool:
    return about.from_ <= day and (about.until is None or day <= about.until)


OTHER_TEXTS: Final = (
    "Either the proof is wrong, or laws and records differ between the two nodes: compare them with `cordiale"
    " agreement list`, and prove it here with `cordiale agreement prove`."
)
