"""Step 1 as it is drawn: rescue comes before every other rule, whatever the agreement's state."""

from __future__ import annotations

from cordiale.agreements.proofs.drawing.sheet import Sheet, spelt
from cordiale.agreements.steps.rescue import RESCUE_ACTS


def rescue(sheet: Sheet) -> None:
    """Draw `rescue.open` (of the request) and `rescue.leaves` (of an item)."""
    day = sheet.day
    distress = sheet.any(sheet.one("type", "distress_incident"), sheet.one("purpose", "rescue"))
    centre = sheet.body("to", lambda side, body: day.rescue_authority(side, body) is not None)
    safe = sheet.fact("life_at_risk", spelt(False))
    open_ = sheet.all(distress, sheet.one("act", *RESCUE_ACTS), centre, -safe)
    sheet.form.output("rescue.open", open_)
    sheet.form.output("rescue.leaves", sheet.one("category", *day.rescue_categories))
