"""One request's visitor: who they are, in what language, with which answers; and the limits they meet.

Sessions live in the store; the cookie holds only a token. Every form carries the session's CSRF token. Who is
not signed in sees the public pages and nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial, wraps
from typing import Any, Final, ParamSpec, TypeVar

from anyio import to_thread
from litestar import Request, Response
from litestar.datastructures import Cookie, FormMultiDict, UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import AccountError
from cordiale.node import Node, people, rescue
from cordiale.node.people import Account, Verb
from cordiale.web.words import LANGUAGES, Say, day, language_of, mark, moment, say_in

PUBLIC: Final = (
    "/sign-in",
    "/recover",
    "/assets/",
    "/static/",
    "/favicon.ico",
    "/favicon.svg",
    "/language",
    "/health",
    "/distress/sign-in",
)
"""What somebody without a session may ask for: these paths, and what lies in the folders."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
ANSWERS_MAX: Final = 4000  # fields in one form: 200 persons with 20 answers each
WINDOW_S: Final = 60.0
LIMITS: Final = {"sign-in": 20, "change": 240, "read": 900, "piece": 1200, "strip": 900, "state": 3600}
"""Requests a minute: of one session, and from one address of those who are not signed in or sign in."""
TOO_MANY: Final = mark("Too many requests from here. Wait a minute, then try again.")
OUT_OF_DATE: Final = mark("This form is out of date. Go back, load the page again and send it once more.")
RESCUE: Final = "/distress"
SIGN_IN_AND_SEND: Final = "/distress/sign-in"
STRIP: Final = "/live/strip"
"""Calls for rescue are never counted, and never refused for how many there were; nor a signed-in person's for
the strip.
"""
KNOWN: Final = "known-"
"""What the names of the cookies begin with by which a browser tells that somebody has signed in there."""
ADDRESSES_MAX: Final = 10_000  # remembered; beyond it the whole memory is cleared rather than grown


@dataclass(slots=True)
class Visit:
    """Who asks for this page, and how to speak with them."""

    node: Node
    account: Account | None
    csrf: str
    language: str
    zone: str
    now: datetime
    path: str
    answers: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, list[UploadFile]] = field(default_factory=dict)
    partial: bool = False
    asks_again: bool = False
    """A distress call whose form was out of date, or whose sender is no longer signed in: it is shown once
    more with all that was typed, never refused.
    """

    @property
    def say(self) -> Say:
        return say_in(self.language)

    @property
    def officer(self) -> Account:
        """The signed-in person. Raises AccountError when nobody is."""
        if self.account is None:
            raise AccountError("nobody is signed in", way_out="Sign in first.")
        return self.account

    def may(self, verb: Verb) -> bool:
        return self.account is not None and self.account.may(verb)

    def needs(self, verb: Verb) -> Account:
        """The signed-in person if they may; else AccountError in their own language."""
        if not self.may(verb):
            raise AccountError(
                self.say("Your role does not allow this."),
                way_out=self.say("Ask a colleague whose role does, or an administrator to change yours."),
            )
        return self.officer

    def answer(self, name: str, default: str = "") -> str:
        """The answer to one question of the form, without blanks round it."""
        found = self.answers.get(name)
        return found[0].strip() if found else default

    def several(self, name: str) -> list[str]:
        return [one for one in self.answers.get(name, []) if one]

    def plain(self) -> dict[str, str]:
        """The first answer to each question."""
        return {name: found[0] for name, found in self.answers.items() if found}

    def moment(self, at: datetime | str | None) -> str:
        return moment(at, self.zone, self.say)

    def day(self, on: date | str | None) -> str:
        return day(on, self.say)


P = ParamSpec("P")
T = TypeVar("T")


def in_thread(page: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """A page that asks the store, run in a thread so that others go on.

    Litestar's own `sync_to_thread` wraps a page anew for each application; one process may run several nodes.
    """

    @wraps(page)
    async def inner(*args: P.args, **kwargs: P.kwargs) -> T:
        return await to_thread.run_sync(partial(page, *args, **kwargs))

    return inner


def visit(request: Request[Any, Any, Any]) -> Visit:
    """The visitor of a request, as `admit` found them."""
    found: Visit = request.state.visit
    return found


def cookie_name(node: Node) -> str:
    """Cookies know hosts, not ports: nodes on one machine keep apart by name."""
    return f"cordiale-{node.settings.side.lower()}-{node.settings.pages_port}"


def cookie(node: Node, name: str, value: str, *, max_age: int | None = None) -> Cookie:
    """A cookie that only this host's pages get, no script reads, and no other site makes a browser send."""
    return Cookie(
        key=f"{cookie_name(node)}-{name}", value=value, path="/", max_age=max_age,
        httponly=True, secure=True, samesite="strict",
    )  # fmt: skip


def cookie_of(request: Request[Any, Any, Any], name: FromPath[str]) -> str:
    node: Node = request.app.state.node
    return request.cookies.get(f"{cookie_name(node)}-{name}", "")


async def admit(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Before every page: limit, session, form and CSRF. Returns the page to show instead, if any."""
    node: Node = request.app.state.node
    path = request.url.path
    if path.startswith(("/assets/", "/static/", "/favicon")):
        return None
    found = await to_thread.run_sync(lambda: _visit(request, node, path))
    request.state.visit = found
    if _counted(found, path) and request.app.state.limits.exceeded(*_counter(request, found, path)):
        return _plain(429, f"{found.say(TOO_MANY)}\n\n{_numbers(node)}".strip())
    if request.method not in SAFE:
        await _read_form(request, found)
        if not _csrf_holds(request, found):
            if path == RESCUE and _from_here(request):
                found.asks_again = True
                return None
            return _plain(403, found.say(OUT_OF_DATE))
    if found.account is None and path == RESCUE and request.method == "POST":
        found.asks_again = True
        return None
    if found.account is None and path != "/" and not is_public(path):
        return Redirect(f"/sign-in?next={path}" if request.method in SAFE else "/sign-in", status_code=303)
    if found.account is None and path == "/":
        return Redirect("/sign-in", status_code=303)
    return None


def is_public(path: str) -> bool:
    """Whether anybody may ask for this: `/recover` opens no `/recoveries`."""
    return path in PUBLIC or path.startswith(tuple(one for one in PUBLIC if one.endswith("/")))


def _visit(request: Request[Any, Any, Any], node: Node, path: str) -> Visit:
    token = cookie_of(request, "session")
    session = people.session(node, token) if token else None
    account = session.account if session else None
    chosen = (account.language if account else "") or cookie_of(request, "language")
    if chosen not in LANGUAGES:
        chosen = language_of(request.headers.get("accept-language", ""), node.settings.language)
    return Visit(
        node=node,
        account=account,
        csrf=session.csrf if session else cookie_of(request, "before"),
        language=chosen,
        zone=(account.zone if account else "") or node.settings.zone,
        now=node.world.clock.now(),
        path=path,
        partial=request.headers.get("hx-request") == "true",
    )


async def _read_form(request: Request[Any, Any, Any], found: Visit) -> None:
    form: FormMultiDict = await request.form()
    answers: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in list(form.multi_items())[:ANSWERS_MAX]:
        if isinstance(value, UploadFile):
            files.setdefault(name, []).append(value)
        else:
            answers.setdefault(name, []).append(str(value).replace("\r\n", "\n"))
    found.answers, found.files = answers, files


def _from_here(request: Request[Any, Any, Any]) -> bool:
    """Whether no other site made the browser ask, as far as it tells."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _csrf_holds(request: Request[Any, Any, Any], found: Visit) -> bool:
    if not _from_here(request):
        return False
    given = found.answer("csrf") or request.headers.get("x-csrf", "")
    return bool(found.csrf) and hmac.compare_digest(given.encode(), found.csrf.encode())


def _numbers(node: Node) -> str:
    """The rescue centres to ring, for somebody who must wait here."""
    return "\n".join(f"{line['name']}: {line['number']}" for line in rescue.to_ring(node))


def _plain(status: int, text: str) -> Response[str]:
    return Response(text, status_code=status, media_type="text/plain; charset=utf-8")


def _counted(found: Visit, path: FromPath[str]) -> bool:
    """Whether this request counts towards a limit: distress at sea never does, signed in or not."""
    if path == RESCUE or (path.startswith(f"{RESCUE}/") and path != SIGN_IN_AND_SEND):
        return False
    return found.account is None or path != STRIP


def _counter(request: Request[Any, Any, Any], found: Visit, path: FromPath[str]) -> tuple[str, str]:
    """Whose request it is and of what kind: a whole watch may sit behind one address, so sessions count."""
    kind = _kind(request, path)
    if kind == "sign-in":
        return known_browser(request, found) or _client(request, found), kind
    return (_client(request, found) if found.account is None else f"session {found.csrf}"), kind


def known_browser(request: Request[Any, Any, Any], found: Visit, login: str = "") -> str:
    """The browser, if this person (anybody, when no `login` is given) has signed in there before; else ""."""
    start = f"{cookie_name(found.node)}-{KNOWN}"
    kept = {name.removeprefix(start): one for name, one in request.cookies.items() if name.startswith(start)}
    if login:
        tag = people.browser_tag(found.node, login)
        kept = {tag: kept[tag]} if tag in kept else {}
    browsers = (people.known_browser(found.node, tag, value) for tag, value in kept.items())
    return next(filter(None, browsers), "")


def who_tries(request: Request[Any, Any, Any], found: Visit, login: str) -> tuple[str, bool]:
    """For whom a mistake counts when somebody signs in as `login`; True when it is a known browser."""
    browser = known_browser(request, found, login)
    return browser or _client(request, found), bool(browser)


def _client(request: Request[Any, Any, Any], found: Visit) -> str:
    """The address that asks. A proxy speaks for others only if the settings name it, and only its own word
    counts: the last one of the last line, since whatever stands before it came from outside.
    """
    host = request.client.host if request.client else ""
    proxy = found.node.settings.pages_proxy
    lines = request.headers.getall("x-forwarded-for", [])
    told = lines[-1].rpartition(",")[2].strip() if lines else ""
    return told if proxy and host == proxy and told else host


def _kind(request: Request[Any, Any, Any], path: FromPath[str]) -> str:
    if request.method in SAFE and path.endswith("/state"):
        return "state"
    if request.method in SAFE:
        # Pages that fell asleep go on asking for the strip: that must use up nobody's way to sign in.
        return "strip" if path == STRIP else "read"
    if path.endswith("/piece"):
        return "piece"  # of a file: counted apart, so that a large one never stops a draft from saving
    return "sign-in" if path.startswith(("/sign-in", "/recover", SIGN_IN_AND_SEND)) else "change"


@dataclass(slots=True)
class Limits:
    """How many requests of a kind a session or an address made in this minute. `node` gives the time."""

    node: Node
    counts: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def exceeded(self, whose: str, kind: str) -> bool:
        """Count one more; True when it is too many."""
        now = self.node.world.clock.monotonic_s()
        if len(self.counts) > ADDRESSES_MAX:
            self.counts.clear()
        begun, count = self.counts.get((whose, kind), (now, 0))
        if now - begun >= WINDOW_S:
            begun, count = now, 0
        self.counts[(whose, kind)] = (begun, count + 1)
        return count + 1 > LIMITS[kind]
