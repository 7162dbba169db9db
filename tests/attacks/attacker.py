"""Somebody who finds every page and every form that they may open, and sends what is hostile.

Pages are found from the routes of the application and from the links and forms of each page, so a
new page is attacked without a word here. Each answer is checked; what is wrong is collected.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.attacks.hostile import ELSEWHERE, PRODUCT, TAG
from tests.attacks.pages import FORM, Form, Page, Pairs, encoded, multipart
from tests.attacks.target import OTHERS_NAMES, THEIR_NAMES, Target
from tests.factories.matrix import STAFF, Undone
from timebank.ledger.tables import balance, hold, posting, txn

_ID = re.compile(r"\d{10,}")
_NUMBER = re.compile(r"\d+|^/.*")  # An address to come back to is like any other.
# Whoever is signed in is seen at each request, and each failed sign-in is counted.
_WRITES = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (?!visit|sign_in|throttle|secret_)")
_PART = re.compile(r"<(?:\w+:)?(\w+)>")
# English that says so, as in the dictionary of the tables.
_MEANT = re.compile(r'<(\w+)[^>]*\blang="en"[^>]*>[^<]*</\1>')
_MARKUP = re.compile(r"<[^>]*>")
_ENGLISH = re.compile(r"[A-Za-z][a-z]{2,}(?: [a-z]{2,}){2,}")
_PARTS = {"kind": "more", "code": "en", "size": "large", "no": "1"}
# Files; programs, which ``test_api`` attacks; and pictures of forms that lead nowhere.
NOT_OURS = ("/static", "/api", "/gallery")
DONE = (302, 303)


class Watched(Undone):
    """A database whose deeds do not stay.

    It tells whether the books moved, whether anything was written, and any of ``foreign`` ids.
    """

    has_moved = has_written = wrote_foreign = False
    foreign: re.Pattern[str]

    def watch(self, foreign: Iterable[str]) -> None:
        self.foreign = re.compile("|".join(foreign))
        event.listen(self.engine, "connect", lambda raw, _: raw.set_trace_callback(self._see))

    def forget(self) -> None:
        self.has_moved = self.has_written = self.wrote_foreign = False

    def write(self, work: Any, *, at_most_once: bool = False) -> Any:
        def watched(session: Session, now: datetime) -> Any:
            before = _books(session)
            answer = work(session, now)
            self.has_moved |= _books(session) != before
            return answer

        return super().write(watched, at_most_once=at_most_once)

    def _see(self, statement: str) -> None:
        if _WRITES.match(statement):
            self.has_written = True
            self.wrote_foreign |= self.foreign.search(statement) is not None


def _books(session: Session) -> list[Any]:
    moved = func.sum(balance.c.posted_in + balance.c.pending_in)
    counts = [select(func.count()).select_from(one) for one in (txn, posting, hold)]
    return [session.scalar(one) for one in (*counts, select(moved))]


@dataclass(slots=True)
class Sent:
    """One request, and what may not come of it."""

    form: Form
    what: str
    pairs: Pairs
    may_be_done: bool = True
    kind: str = FORM
    file: str = ""

    def __str__(self) -> str:
        return f"{self.form.method} {_ID.sub('#', self.form.action)} {self.what}"


@dataclass
class Attacker:
    """One actor at a browser. ``faults`` collects every answer that must not be."""

    target: Target
    actor: str
    faults: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    requests: int = 0
    done: int = 0

    def __post_init__(self) -> None:
        self.cookie = str(self.target.office.app.config["SESSION_COOKIE_NAME"])
        self._enter()
        self._todo: deque[str] = deque()
        self.links: dict[tuple[str, ...], str] = {}
        self._known: set[tuple[str, ...]] = set()

    def _enter(self) -> None:
        """Sign in. A page with a form brings the token of all forms of this visit."""
        self.client = self.target.enter(self.actor)
        page = Page(self.client.get("/sign-in/name").get_data(as_text=True), "/sign-in/name")
        self._token = next(x.value for x in page.forms[0].fields if x.name == "csrf_token")
        self._session = self.client.get_cookie(self.cookie)

    def _fresh(self, sent: Sent) -> Pairs:
        """What is sent, with the token of this visit and a new request id where they were drawn."""
        new = {"csrf_token": self._token, "request_id": f"attack-{self.requests}"}
        drawn = {(x.name, x.value.encode()) for x in sent.form.fields if x.name in new}
        return [(one[0], new[one[0]].encode()) if one in drawn else one for one in sent.pairs]

    def explore(self) -> "Attacker":
        """Open every page that a route or a link leads to, and send each form as drawn."""
        for path in self._starts():
            self._follow(path)
        while self._todo:
            path = self._todo.popleft()
            self._read(self.open("GET", path), path)
        return self

    def _starts(self) -> Iterator[str]:
        homes = [self.target.world.homes[self.actor, kind] for kind in ("own", "household")]
        for rule in self.target.office.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.rule.startswith(NOT_OURS):
                continue
            for home in homes if rule.arguments else homes[:1]:
                told = _PARTS | {name: str(number) for name, number in home.ids.items()}
                yield re.sub(
                    r"<(?:\w+:)?(\w+)>", lambda at, told=told: told.get(at[1], "1"), rule.rule
                )

    def _follow(self, path: str) -> None:
        parts = urlsplit(path)
        names = sorted(f"{name}={_NUMBER.sub('#', told)}" for name, told in parse_qsl(parts.query))
        signature = (_ID.sub("#", parts.path), *names)
        if signature not in self.links and not parts.path.startswith(NOT_OURS):
            self.links[signature] = path  # Pages that differ in numbers only are alike.
            self._todo.append(path)

    def _read(self, answer: TestResponse, path: str) -> None:
        """Check a page, and note its links and forms; send a new form with each of its buttons."""
        self.faults += [f"{self.actor}: {_ID.sub('#', path)} {one}" for one in faults_of(answer)]
        if answer.status_code in DONE and answer.location.startswith("/"):
            self._follow(answer.location)
        if answer.mimetype != "text/html":
            return
        page = Page(answer.get_data(as_text=True), path)
        for link in page.links:
            self._follow(link)
        for form in page.forms:
            if form.signature in self._known or form.method not in ("get", "post"):
                continue
            self._known.add(form.signature)
            self.forms.append(form)
            for button in form.buttons or [None]:
                self._read(self.send(Sent(form, "as drawn", form.honest(button))), form.action)

    def send(self, sent: Sent) -> TestResponse:
        """Send a form, check the answer, and forget the cookie that came with it."""
        form, pairs = sent.form, self._fresh(sent)
        if form.method == "get":
            asked = encoded(pairs).decode()
            answer = self.open("GET", f"{form.action.partition('?')[0]}?{asked}")
        else:
            body = encoded(pairs) if sent.kind == FORM else multipart(pairs, sent.file)
            answer = self.open("POST", form.action, data=body, content_type=sent.kind)
        self._check(sent, answer)
        return answer

    def open(self, method: str, path: str, **content: Any) -> TestResponse:
        self.requests += 1
        if isinstance(self.target.database, Watched):
            self.target.database.forget()
        answer = self.client.open(path, method=method, **content)
        if self._session is not None:
            self.client.set_cookie(self.cookie, self._session.value)
        if answer.status_code >= 500:
            self.faults.append(f"{self.actor}: {answer.status_code} for {method} {path}")
        if leads_to_sign_in(answer) and not isinstance(self.target.database, Watched):
            self._enter()  # A deed that stays has ended the visit.
        return answer

    def _check(self, sent: Sent, answer: TestResponse) -> None:
        is_done = answer.status_code in DONE and answer.request.method == "POST"
        self.done += is_done
        told = [*self._of_books(is_done=is_done, may_be=sent.may_be_done), *faults_of(answer)]
        hidden = (THEIR_NAMES,) if self.actor in STAFF else (THEIR_NAMES, OTHERS_NAMES)
        told += [f"shows {name}…" for name in hidden if name.encode() in answer.get_data()]
        self.faults += [f"{self.actor}: {sent}: {one}" for one in told]

    def _of_books(self, *, is_done: bool, may_be: bool) -> Iterator[str]:
        database = self.target.database
        if not isinstance(database, Watched):
            return
        if database.has_moved and not is_done:
            yield "the books moved, and the answer does not say so"
        if is_done and database.has_written and not may_be:
            yield "was taken"
        if is_done and database.wrote_foreign:
            yield "wrote something of others"


def leads_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code in DONE and urlsplit(answer.location).path == "/sign-in"


def faults_of(answer: TestResponse) -> Iterator[str]:
    """What may be in no answer, whatever was asked."""
    if ELSEWHERE in (urlsplit(answer.location or "").netloc):
        yield f"leads away to {answer.location}"
    if "attack=" in str(answer.headers.getlist("Set-Cookie")):
        yield "sets a cookie that was typed"
    if answer.mimetype != "text/html":
        return
    html = answer.get_data(as_text=True)
    if TAG in html and TAG in Page(html, "").tags:
        yield "shows as markup what was typed"
    if PRODUCT in html:
        yield "computes what was typed"
    if 'lang="zh' in html[:400]:
        for english in _ENGLISH.findall(_MARKUP.sub("\n", _MEANT.sub("", html))):
            yield f"says in English on a Chinese page: {english}"
