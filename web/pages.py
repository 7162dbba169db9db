"""The shapes by which a folder of the web declares what it brings.

A view says beside itself where it stands: ``@page(ME, "/take", "take", places=(…))``. The folder
has a module ``subject.py`` whose value ``PAGES`` gathers its views, words and faces;
``web/subjects.py`` gathers the folders. This module imports none of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from flask import Flask, request, url_for

from web.cases import WorkFace
from web.security import csrf
from web.wording import Text, Words

View = Callable[..., Any]
AnyView = TypeVar("AnyView", bound=View)

GET, BOTH, POST = ("GET",), ("GET", "POST"), ("POST",)
# The menus. ``FIND`` holds the page that searches, ``SHORTCUTS`` what is often done, both beside
# the worklist.
PERSON, PUBLIC, DESK, FIND, SHORTCUTS = "person", "public", "work", "find", "shortcuts"


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom pages are: their endpoints begin with ``name``, their addresses with ``prefix``.

    No form token is asked of a machine: it has no cookie that a strange page could use.
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
    """Where a page stands in a menu: ``bar`` is the menu, the smallest ``order`` comes first.

    ``roles`` says who sees it (empty: everybody). ``also`` names the beginnings of the endpoints
    that belong to it, too. ``page`` fills in the endpoint.
    """

    bar: str
    word: Text
    icon: str
    order: int
    roles: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    endpoint: str = ""

    @property
    def is_here(self) -> bool:
        """Tell whether the page being read belongs to this place."""
        here = request.endpoint or ""
        return here == self.endpoint or here.startswith((f"{self.endpoint}_", *self.also))

    @property
    def address(self) -> str:
        return url_for(self.endpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address, the view that answers there, and its places in the menus."""

    rule: str
    endpoint: str
    view: View
    methods: tuple[str, ...]
    is_machine: bool
    places: tuple[MenuPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What one folder of the web declares.

    ``refusals`` maps a code to its words. ``kinds``, ``fields``, ``whys`` and ``papers`` map a
    fact of a refusal to its word, and ``states`` a kind of thing with its state: a claim and a
    deposit can both be *open*, in other words. ``faces`` show the kinds of work on the worklist.
    ``install`` is for what is more than pages, such as an interface with a description.
    """

    routes: tuple[Route, ...] = ()
    refusals: Mapping[str, Words] = field(default_factory=dict)
    kinds: Mapping[str, Text] = field(default_factory=dict)
    states: Mapping[tuple[str, str], Text] = field(default_factory=dict)
    fields: Mapping[str, Text] = field(default_factory=dict)
    whys: Mapping[str, Text] = field(default_factory=dict)
    papers: Mapping[str, Text] = field(default_factory=dict)
    faces: tuple[WorkFace, ...] = ()
    install: Callable[[Flask], None] | None = None


def page(
    audience: Audience,
    address: str,
    name: str,
    *,
    methods: tuple[str, ...] = GET,
    places: tuple[MenuPlace, ...] = (),
) -> Callable[[AnyView], AnyView]:
    """Say where a view stands. It is written above the guard."""
    endpoint = f"{audience.name}.{name}"

    def declare(view: AnyView) -> AnyView:
        view._route = Route(  # type: ignore[attr-defined]
            rule=f"{audience.prefix}{address}",
            endpoint=endpoint,
            view=view,
            methods=methods,
            is_machine=audience.is_machine,
            places=tuple(replace(place, endpoint=endpoint) for place in places),
        )
        return view

    return declare


def routes_in(*modules: ModuleType) -> tuple[Route, ...]:
    """Collect the views that some modules declare, in the order in which they are written."""
    return tuple(_routes_of(modules))


def _routes_of(modules: tuple[ModuleType, ...]) -> Iterator[Route]:
    for module in modules:
        for value in vars(module).values():
            is_own = isinstance(value, FunctionType) and value.__module__ == module.__name__
            if is_own and hasattr(value, "_route"):
                yield value._route


def join(app: Flask, pages: Pages) -> None:
    """Add the pages of one folder to the application."""
    for route in pages.routes:
        app.add_url_rule(route.rule, route.endpoint, route.view, methods=route.methods)
        if route.is_machine:
            csrf.exempt(route.view)
    if pages.install is not None:
        pages.install(app)
