"""How a folder of the web declares what it brings.

A view declares its address beside itself: ``@page(ME, "/take", "take", places=(…))``. The folder
has a module ``subject.py`` whose value ``PAGES`` collects its views, texts and faces;
``web/subjects.py`` collects the folders. This module imports none of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from flask import Flask, request, url_for

from timebank.rights import Right
from web.cases import WorkFace
from web.security import csrf
from web.sheets import ListSheet
from web.subjects import gathered
from web.wording import MessageWords, Text, Words

View = Callable[..., Any]
AnyView = TypeVar("AnyView", bound=View)

GET, BOTH, POST = ("GET",), ("GET", "POST"), ("POST",)
# The menus. ``FIND`` has the search page, ``SHORTCUTS`` frequent tasks; both are beside the
# worklist. ``MANAGE`` is a page of its own: what is set up once and seldom changed.
PERSON, PUBLIC, DESK, FIND, SHORTCUTS = "person", "public", "work", "find", "shortcuts"
MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Audience:
    """The audience of pages: their endpoints begin with ``name``, their addresses with ``prefix``.

    Machines need no form token: they have no cookie that another site could use.
    """

    name: str
    prefix: str = ""
    is_machine: bool = False


OPEN = Audience("open")
ME = Audience("me", "/me")
STORE = Audience("store", "/store")
WORK = Audience("work", "/work")
ACCOUNT = Audience("account")


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuPlace:
    """An entry of a menu: ``bar`` is the menu; the smallest ``order`` comes first.

    ``right`` says who sees it (None: everybody). ``also`` lists prefixes of other endpoints that
    belong to it; a page of another subject says ``under`` itself. ``page`` fills in the endpoint.
    ``says`` is a sentence for a menu that has room for it; ``opens`` names the menu on its page.
    """

    bar: str
    word: Text
    icon: str
    order: int
    right: Right | None = None
    also: tuple[str, ...] = ()
    says: Text = ""
    opens: str = ""
    endpoint: str = ""

    @property
    def is_here(self) -> bool:
        """Tell whether the current page belongs to this entry."""
        here = request.endpoint or ""
        is_part = here.startswith((f"{self.endpoint}_", *self.also))
        is_under = gathered().under.get(here) == self.endpoint
        opened = gathered().places.get(self.opens, ())
        return here == self.endpoint or is_part or is_under or any(one.is_here for one in opened)

    @property
    def address(self) -> str:
        return url_for(self.endpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address, its view, and its menu entries."""

    rule: str
    endpoint: str
    view: View
    methods: tuple[str, ...]
    is_machine: bool
    places: tuple[MenuPlace, ...]
    under: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What one folder of the web declares.

    ``refusals`` maps a code to its texts. ``kinds``, ``fields``, ``whys`` and ``papers`` map a
    fact of a refusal to its word. ``states`` maps a kind of thing and its state, because a claim
    and a deposit can both be *open* but are described differently. ``accounts`` and
    ``deeds`` name what stands in the books, ``audited`` what somebody did, ``rights`` what a role
    may do, and under the name of the subject their heading. ``faces`` show the
    kinds of work on the worklist, ``messages`` word the kinds of message. ``reminders`` draw what
    stands above the worklist of the reader, or nothing. ``sheets`` are its lists as files.
    ``install`` is for more than pages, such as an interface with a description.
    """

    routes: tuple[Route, ...] = ()
    refusals: Mapping[str, Words] = field(default_factory=dict)
    kinds: Mapping[str, Text] = field(default_factory=dict)
    states: Mapping[tuple[str, str], Text] = field(default_factory=dict)
    fields: Mapping[str, Text] = field(default_factory=dict)
    whys: Mapping[str, Text] = field(default_factory=dict)
    papers: Mapping[str, Text] = field(default_factory=dict)
    accounts: Mapping[str, Text] = field(default_factory=dict)
    deeds: Mapping[str, Text] = field(default_factory=dict)
    audited: Mapping[str, Text] = field(default_factory=dict)
    rights: Mapping[str, Text] = field(default_factory=dict)
    faces: tuple[WorkFace, ...] = ()
    messages: Mapping[str, MessageWords] = field(default_factory=dict)
    reminders: tuple[Callable[[], str], ...] = ()
    sheets: tuple[ListSheet, ...] = ()
    install: Callable[[Flask], None] | None = None


def page(
    audience: Audience,
    address: str,
    name: str,
    *,
    methods: tuple[str, ...] = GET,
    places: tuple[MenuPlace, ...] = (),
    under: str = "",
) -> Callable[[AnyView], AnyView]:
    """Declare the address of a view. Write it above the guard.

    ``under`` names the endpoint whose place in the menus this page belongs to.
    """
    endpoint = f"{audience.name}.{name}"

    def declare(view: AnyView) -> AnyView:
        view._route = Route(  # type: ignore[attr-defined]
            rule=f"{audience.prefix}{address}",
            endpoint=endpoint,
            view=view,
            methods=methods,
            is_machine=audience.is_machine,
            places=tuple(replace(place, endpoint=endpoint) for place in places),
            under=under,
        )
        return view

    return declare


def routes_in(*modules: ModuleType) -> tuple[Route, ...]:
    """Collect the pages of some modules, in the order in which they are written."""
    return tuple(_routes_of(modules))


def _routes_of(modules: tuple[ModuleType, ...]) -> Iterator[Route]:
    for module in modules:
        for value in vars(module).values():
            is_own = isinstance(value, FunctionType) and value.__module__ == module.__name__
            if is_own and hasattr(value, "_route"):
                yield value._route


def join(app: Flask, pages: Pages) -> None:
    """Register what a subject brings."""
    for route in pages.routes:
        app.add_url_rule(route.rule, route.endpoint, route.view, methods=route.methods)
        if route.is_machine:
            csrf.exempt(route.view)
    if pages.install is not None:
        pages.install(app)
