"""The frame round every page: marking, header, places, red strip, footer; and the drawing of templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from hashlib import sha256
from typing import Any, Final

from jinja2 import Environment, PackageLoader, PrefixLoader, select_autoescape
from litestar import Response

from cordiale.errors import StoreError
from cordiale.node import rescue
from cordiale.node.people import Verb
from cordiale.web import notes, plain, telling
from cordiale.web.footnotes import footnoted
from cordiale.web.tamed import tamed
from cordiale.web.visit import Visit
from cordiale.web.words import COLON, LANGUAGES, ZONES, catalogue, mark, say_in, town

CEILING: Final = "OFFICIAL-SENSITIVE / LIMITE"
"""What an unaccredited node may hold at most; printed on every page."""
OF_ONE_SENDER: Final = 3  # incidents in the strip; all are in the list, one click away
DIGEST_CHARS: Final = 16
QUESTIONS_MAX: Final = 4000  # unanswered ones kept as drawn: those of all forms; about 6 MB


@dataclass(frozen=True, slots=True)
class Place:
    """One place in the navigation, and the verb without which it is not shown."""

    path: str
    label: str
    verb: Verb | None = None
    other: Verb | None = None


PLACES: Final = (
    Place("/", mark("Waiting for you")),
    Place("/distress", mark("Distress"), Verb.RESCUE),
    Place("/compose", mark("Write"), Verb.WRITE),
    Place("/inbox", mark("Inbox"), Verb.READ),
    Place("/outbox", mark("Outbox"), Verb.READ),
    Place("/question", mark("May I?"), Verb.ASK),
    Place("/agreements", mark("Agreements")),
    Place("/contacts", mark("Contacts")),
    Place("/decisions", mark("Decisions"), Verb.OVERSEE),
    Place("/ledger", mark("Ledger"), Verb.LEDGER),
    Place("/accounts", mark("People"), Verb.ACCOUNTS, Verb.OVERSEE),
)


@cache
def environment(language: str) -> Environment:
    """The templates in one language."""
    found = Environment(
        loader=PrefixLoader(
            {
                "cordiale": PackageLoader("cordiale.web", "templates"),
                "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
            }
        ),
        autoescape=select_autoescape(["html", "xml"]),
        finalize=tamed,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a page has hundreds of parts, and none changes while the node runs
        cache_size=-1,
    )
    say = say_in(language)
    found.globals |= {"gettext": say, "_": say, "ngettext": catalogue(language).ngettext, "colon": say(COLON)}
    # A form is mostly questions that nobody has answered: drawn once, they are the same for everybody. What
    # somebody typed is never kept.
    parts = vars(found.get_template("cordiale/parts.html").module)
    found.globals["unanswered"] = lru_cache(QUESTIONS_MAX)(parts["ask_anew"])
    return found


def page(visit: Visit, template: str, *, status: int = 200, **facts: Any) -> Response[str]:
    """A whole page, or the fragment that a script asked for."""
    return Response(draw(visit, template, facts), status_code=status, media_type="text/html; charset=utf-8")


def draw(visit: Visit, template: str, facts: Mapping[str, Any]) -> str:
    """A template with what every page knows."""
    drawn = environment(visit.language).get_template(f"cordiale/{template}")
    return footnoted(visit, drawn.render(common(visit) | dict(facts)))


def common(visit: Visit) -> dict[str, Any]:
    """What the frame needs on every page."""
    settings = visit.node.settings
    return {
        "visit": visit,
        "account": visit.account,
        "csrf": visit.csrf,
        "language": visit.language,
        "languages": LANGUAGES,
        "zones": ZONES,
        "node_name": settings.name or settings.side,
        "side": settings.side,
        "demo": settings.demo,
        "ceiling": CEILING,
        "places": places(visit),
        "at": visit.moment,
        "now": visit.now,
        "strip": shown(strip(visit)),
        "who": partial(plain.who, visit),
        "authority_name": partial(plain.authority_name, visit),
        "words_of": partial(plain.words_of, visit),
        "cited": partial(plain.cited, visit),
        "noted": partial(notes.noted, visit.say),
        "concern": partial(plain.concern, visit),
        "text_name": partial(plain.text_name, visit),
        "said": partial(plain.said, visit),
        "part_name": partial(plain.part_name, visit),
        "missing_words": partial(plain.missing_words, visit),
        "by_reason": partial(plain.by_reason, visit),
        "told": partial(plain.told, visit),
        "sentence_of": partial(plain.sentence_of, visit),
        "withheld_by_reason": partial(plain.withheld_by_reason, visit),
        "failures_by_text": partial(plain.failures_by_text, visit),
        "duties_by_act": partial(plain.duties_by_act, visit),
        "kilobytes": partial(plain.kilobytes, visit),
        "day": visit.day,
        "town": partial(town, say=visit.say),
        "reason_of": partial(telling.reason_of, visit),
        "partner": telling.Partners(visit),
        "handled": partial(telling.handled, visit),
        "named": partial(telling.named, visit),
        "ways": partial(telling.ways, visit),
        "kinds": partial(telling.kinds, visit),
        "ringable": telling.ringable,
    }


def places(visit: Visit) -> list[dict[str, object]]:
    """The navigation of this person."""
    if visit.account is None:
        return []
    return [
        {"href": p.path, "text": visit.say(p.label), "current": here(visit.path, p.path)}
        for p in PLACES
        if p.verb is None or visit.may(p.verb) or (p.other is not None and visit.may(p.other))
    ]


def here(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(place + "/"))


@dataclass(frozen=True, slots=True)
class Strip:
    """The red strip: the newest of each sender, how many there are in all, and a digest of what it shows."""

    incidents: tuple[rescue.Distress, ...]
    count: int
    digest: str


def shown(sounding: Sequence[rescue.Distress]) -> Strip:
    """The newest OF_ONE_SENDER of each sender, so that no partner's many bury another's one."""
    kept: list[rescue.Distress] = []
    senders: Counter[str] = Counter()
    for one in sorted(sounding, key=lambda one: one.opened_at, reverse=True):
        senders[one.other] += 1
        if senders[one.other] <= OF_ONE_SENDER:
            kept.append(one)
    names = "\n".join([str(len(sounding)), *(one.reference for one in kept)])
    return Strip(tuple(kept), len(sounding), sha256(names.encode()).hexdigest()[:DIGEST_CHARS])


def strip(visit: Visit) -> list[rescue.Distress]:
    """Every distress that nobody has confirmed: on every page of who may help, until somebody has."""
    if not visit.may(Verb.RESCUE):
        return []
    try:
        return [one for one in rescue.distresses(visit.node) if one.sounding]
    except StoreError:
        return []
