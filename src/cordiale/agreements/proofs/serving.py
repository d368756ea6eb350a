"""Whether what an agreement promises can be served: what refuses everything would keep every safeguard.

For each purpose of each line a request is found that the gate permits. What is not in force on the day, or
waits for a paper that nobody has issued, promises nothing yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.proofs.clauses import Clauses, clauses_of
from cordiale.agreements.proofs.drawing import sheet_of
from cordiale.agreements.proofs.drawing.sheet import YES_NO, Sheet
from cordiale.agreements.proofs.safeguards import Leaving, promised
from cordiale.agreements.proofs.solving import Asks, Unsatisfiable, models, solve_all
from cordiale.agreements.proofs.witness import Witness, witness
from cordiale.agreements.register import Day, Register
from cordiale.agreements.steps.when import applies

Promise = tuple[Provision, tuple[int, ...]]
NEEDED: Final = "needed: "
"""Stands before a promise that is asked of an item which its line cannot do without."""


def world(sheet: Sheet) -> int:
    """What is so of every request."""
    return sheet.form.outputs["world"]


def heaviest(sheet: Sheet, line: Provision) -> tuple[int, ...]:
    """The item in focus is one that the line cannot do without, where it names some."""
    needed = line.essential | line.must_include
    return (sheet.one("category", *needed),) if needed else ()


def calm(sheet: Sheet) -> int:
    """No paper is needed, and nothing is known of the person that the question does not turn on."""
    flags = ("paper:", "named:", "consent", "any consent", "limit:", "slide_paper", "veto")
    papers = [v.name for v in sheet.form.variables if v.name.startswith(flags) and v.values == YES_NO]
    plain = {
        "human_rights_claim": "none",
        "minor": "no",
        "accompanied": "yes",
        "trafficking_indicator": "no",
        "stateless": "no",
        "protected_activity": "none",
        "from_behalf": "none",
        "to_behalf": "none",
        "capacity": "own_officer",
    }
    told = [sheet.one(name, value) for name, value in plain.items()]
    return sheet.all(*told, *(-sheet.one(name, "yes") for name in papers))


@dataclass(frozen=True, slots=True)
class Serving:
    """One agreement on one day, and who is asked. `cap_s`: seconds for one promise."""

    agreement: Agreement
    register: Register
    at: datetime
    by: Asks
    cap_s: float

    def all(self, sheet: Sheet) -> tuple[list[Witness], list[str], list[str]]:
        """(requests that are served, promises that wait, promises that nothing serves) as they are drawn."""
        promises = self._promises(sheet)
        made = clauses_of(
            sheet.form, self._questions(sheet, promises) | {n: g for n, (_, g) in promises.items()}
        )
        shown: dict[str, Witness] = {}
        for narrow in (NEEDED, ""):
            asked = {name: made.picks[narrow + name] for name in promises if name not in shown}
            shown |= self._shown(made, asked, promises)
        missing = {name: promises[name] for name in promises if name not in shown}
        waiting = self._waiting(made, missing)
        return list(shown.values()), waiting, [name for name in missing if name not in waiting]

    def _promises(self, sheet: Sheet) -> dict[str, Promise]:
        found = promised(self.agreement, Leaving(sheet, self.agreement))
        return {f"{line.id} for {purpose}": (line, (*goals, world(sheet))) for line, purpose, goals in found}

    def _questions(self, sheet: Sheet, promises: Mapping[str, Promise]) -> dict[str, tuple[int, ...]]:
        """Whether each promise can be met by an item that its line cannot do without."""
        return {NEEDED + name: (*goals, *heaviest(sheet, line)) for name, (line, goals) in promises.items()}

    def _shown(
        self, made: Clauses, asked: Mapping[str, int], promises: Mapping[str, Promise]
    ) -> dict[str, Witness]:
        """Of the promises asked, the requests that the gate permits."""
        found: dict[str, Witness] = {}
        for name, model in models(made.clauses, asked, self.cap_s, by=self.by).items():
            one = witness(made.values(model), self.agreement, promises[name][0], (self.register, self.at))
            if one.leaves:
                found[name] = one
        return found

    def _waiting(self, made: Clauses, missing: Mapping[str, Promise]) -> list[str]:
        """Of these promises, those that are not in force on the day, or that only a paper keeps back: with
        what is on file nothing is served, which is proved, and with some paper something would be.
        """
        day = self.register.on(self.at)
        if not missing or not applies(self.agreement, day):
            return list(missing)
        late = {name for name, (line, _) in missing.items() if not line.in_force(day.on)}
        asked = {name: made.picks[NEEDED + name] for name in missing if name not in late}
        today = solve_all(made.clauses, asked, self.cap_s, by=self.by) if asked else {}
        shut = [name for name, found in today.items() if isinstance(found, Unsatisfiable)]
        opened = late | self._with_papers(day, shut)
        return [name for name in missing if name in opened]

    def _with_papers(self, day: Day, names: list[str]) -> set[str]:
        """Which of these promises some word meets, if every paper that may be issued is thought of."""
        if not names:
            return set()
        sheet = sheet_of(self.agreement, day, any_paper=True)
        promises = self._promises(sheet)
        made = clauses_of(sheet.form, self._questions(sheet, {name: promises[name] for name in names}))
        asked = {name: made.picks[NEEDED + name] for name in names}
        return set(models(made.clauses, asked, self.cap_s, by=self.by))
