"""Whether what an agreement promises can be served: what refuses everything would keep every safeguard.

For each purpose of each line a request is found that the gate permits. What is not in force on the day, or
waits for a paper that nobody has issued, promises nothing yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.proofs.clauses import clauses_of
from cordiale.agreements.proofs.drawing import permits, sheet_of
from cordiale.agreements.proofs.drawing.sheet import YES_NO, Sheet
from cordiale.agreements.proofs.safeguards import Leaving, promised
from cordiale.agreements.proofs.solving import Asks, Satisfiable, solve_all
from cordiale.agreements.proofs.witness import Witness, witness
from cordiale.agreements.register import Register
from cordiale.agreements.steps.when import applies

Promise = tuple[Provision, tuple[int, ...]]


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

    def all(self) -> tuple[list[Witness], list[str], list[str]]:
        """(requests that are served, promises that wait, promises that nothing serves)."""
        sheet = sheet_of(self.agreement, self.register.on(self.at))
        promises = self._promises(sheet)
        shown: dict[str, Witness] = {}
        for narrow in (True, False):
            open_ = {name: each for name, each in promises.items() if name not in shown}
            shown |= self._shown(sheet, open_, narrow)
        missing = [name for name in promises if name not in shown]
        waiting = self._waiting(sheet, missing)
        return list(shown.values()), waiting, [name for name in missing if name not in waiting]

    def _promises(self, sheet: Sheet) -> dict[str, Promise]:
        found = promised(self.agreement, Leaving(sheet, self.agreement))
        return {f"{line.id} for {purpose}": (line, (*goals, world(sheet))) for line, purpose, goals in found}

    def _shown(self, sheet: Sheet, promises: Mapping[str, Promise], narrow: bool) -> dict[str, Witness]:
        """Requests that the gate permits; `narrow`: the item in focus is one that the line needs."""
        questions = {
            name: (*goals, *(heaviest(sheet, line) if narrow else ()))
            for name, (line, goals) in promises.items()
        }
        clauses = clauses_of(sheet.form, questions)
        found: dict[str, Witness] = {}
        for name, one in solve_all(clauses.clauses, clauses.picks, self.cap_s, by=self.by).items():
            if isinstance(one, Satisfiable):
                values = clauses.values(frozenset(one.model))
                made = witness(values, self.agreement, promises[name][0], (self.register, self.at))
                if made.leaves:
                    found[name] = made
        return found

    def _waiting(self, sheet: Sheet, missing: list[str]) -> list[str]:
        """Of these promises, those that only a paper keeps back, or that are not in force on the day."""
        day = self.register.on(self.at)
        if not missing or not applies(self.agreement, day):
            return missing
        lines = {line.id: line for line in permits(self.agreement)}
        late = {name for name in missing if not lines[name.partition(" for ")[0]].in_force(day.on)}
        thought = self._open(sheet_of(self.agreement, day, any_paper=True), missing)
        today = self._open(sheet, missing)
        return [name for name in missing if name in late or (name in thought and name not in today)]

    def _open(self, sheet: Sheet, names: list[str]) -> set[str]:
        """Which promises some word meets on this sheet."""
        promises = self._promises(sheet)
        questions = {name: (*promises[name][1], *heaviest(sheet, promises[name][0])) for name in names}
        clauses = clauses_of(sheet.form, questions)
        answers = solve_all(clauses.clauses, clauses.picks, self.cap_s, by=self.by)
        return {name for name, one in answers.items() if isinstance(one, Satisfiable)}
