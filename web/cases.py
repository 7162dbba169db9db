"""How a kind of work is shown on the worklist, and which deeds end it.

A subject declares a ``WorkFace`` for each kind of work in ``web/<subject>/worklist.py``. What
waits, for whom and until when is declared in ``timebank/<subject>/subject.py``. This module
imports no subject but the desk, whose rows the faces read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.errors import NotFound
from timebank.people.queries import PersonBrief
from timebank.rights import Right
from timebank.values import By
from web.formats import own_name
from web.forms import PlainForm, WorkForm
from web.reader import gettext as _
from web.reader import language
from web.wording import Text

Row = tuple[str, str]


@dataclass(slots=True)
class WorkCase:
    """The content of a case page. **Shape**: ``sections`` are (heading, rows of word and value).

    ``may`` lists what the reader may do; a button can require one of these names.
    """

    one: Waiting
    heading: str
    line: str = ""
    notice: tuple[str, str, str] | None = None
    tree: SimpleNamespace | None = None
    sections: list[tuple[str, list[Row]]] = field(default_factory=list)
    timeline: list[SimpleNamespace] = field(default_factory=list)
    may: frozenset[str] = frozenset()
    facts: Any = None


class CaseDeed(NamedTuple):
    """The action, its arguments, and the message after success."""

    action: Callable[..., Any]
    content: dict[str, Any]
    said: str | Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a case. It is shown if ``if_may`` is empty or in ``WorkCase.may``."""

    do: str
    word: Text
    kind: str = "first"
    mark: str = ""
    key: str = ""
    if_may: str = ""


class CaseOutcome(NamedTuple):
    """What became of a case, and the page that shows it, if the reader may open one."""

    said: str
    href: str = ""


def no_deed(id_: int, form: Any, do: str) -> CaseDeed:
    """The form of a kind of work that ends on another page. **Refuses**: ``NotFound``."""
    raise NotFound(kind="page")


@dataclass(frozen=True, slots=True)
class Bell:
    """A kind of work for which somebody stands and waits: the worklist of who may do it rings.

    ``endpoint`` answers with the sentence to show, and whether to ring.
    """

    endpoint: str
    right: Right


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFace:
    """How one kind of work is shown. **Shape**: ``fields`` are (name in the form, its hint).

    ``template`` renders the buttons; the default one renders ``fields`` and ``buttons``.
    ``nameless`` is shown if there is no person; ``batch`` is the endpoint of a page on which many
    cases of the kind are done at once. ``outcome`` says what became of a case that waits no
    more, as far as the reader may know it: they may have pressed twice.
    """

    kind: str
    word: Text
    read: Callable[[Session, By, Waiting, datetime], WorkCase]
    form: type[WorkForm] = PlainForm
    deed: Callable[[int, Any, str], CaseDeed] = no_deed
    template: str = "desk/act.html"
    fields: tuple[tuple[str, Text], ...] = ()
    buttons: tuple[Button, ...] = ()
    title: Callable[[Waiting], str] | None = None
    detail: Callable[[Waiting], str] | None = None
    nameless: Text = ""
    batch: str = ""
    bell: Bell | None = None
    outcome: Callable[[Session, By, int], CaseOutcome | None] | None = None

    def title_of(self, one: Waiting) -> str:
        """The title of the row, with its amount."""
        return str(self.word) if self.title is None else self.title(one)

    def detail_of(self, one: Waiting) -> str:
        """The second line of the row: usually the service, the item or the number."""
        return what(one) or one.number or "" if self.detail is None else self.detail(one)

    def who(self, one: Waiting) -> str:
        """The masked person of the case."""
        return str(self.nameless) if one.masked_name is None else one.masked_name

    def offered(self, case: WorkCase) -> list[Button]:
        """The buttons that the reader may press."""
        return [button for button in self.buttons if not button.if_may or button.if_may in case.may]


def what(one: Waiting) -> str:
    """The service or item of a row, in the reader's language."""
    return (one.what_zh if language() == "zh" else one.what_en) or ""


def heading(title: str, named: Sequence[Any]) -> str:
    """The subject of the case, with the first few items by name."""
    names = list(dict.fromkeys(own_name(thing, language()) for thing in named))
    return _("：").join(part for part in (title, _("、").join(names[:3])) if part)


def who_and_where(person: PersonBrief | Waiting) -> str:
    """The masked person, and their home."""
    home = _("家庭 %(no)s", no=person.household_no) if person.household_no else ""
    building = _("%(number)s 号楼", number=person.building_no) if person.building_no else ""
    return " · ".join(part for part in (person.masked_name, home, building) if part)


def event(at: datetime, text: str, who: str = "") -> SimpleNamespace:
    """One line of the timeline of a case."""
    return SimpleNamespace(at=at, text=text, who=who)
