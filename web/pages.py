"""The shapes by which a subject declares its pages: addresses, audiences, places in the menus.

A view says beside itself where it stands: ``@page(ME, "/take", "take")``. The folder of a
subject has a module ``subject.py`` whose value ``PAGES`` gathers them; ``web/app.py`` joins them.
This module imports no subject.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from flask import Flask

from web.security import csrf

View = Callable[..., Any]
AnyView = TypeVar("AnyView", bound=View)

GET, BOTH, POST = ("GET",), ("GET", "POST"), ("POST",)


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


@dataclass(frozen=True, slots=True)
class Route:
    """One address, and the view that answers there."""

    audience: Audience
    address: str
    name: str
    methods: tuple[str, ...]
    view: View

    @property
    def rule(self) -> str:
        return f"{self.audience.prefix}{self.address}"

    @property
    def endpoint(self) -> str:
        return f"{self.audience.name}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What the folder of a subject brings to the web.

    ``install`` is for what is more than pages, such as an interface with a description.
    """

    routes: tuple[Route, ...] = ()
    install: Callable[[Flask], None] | None = None


def page(
    audience: Audience, address: str, name: str, *, methods: tuple[str, ...] = GET
) -> Callable[[AnyView], AnyView]:
    """Say where a view stands. It is written above the guard."""

    def place(view: AnyView) -> AnyView:
        view._route = Route(audience, address, name, methods, view)  # type: ignore[attr-defined]
        return view

    return place


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
    """Add what a subject brings to the application."""
    for route in pages.routes:
        app.add_url_rule(route.rule, route.endpoint, route.view, methods=route.methods)
        if route.audience.is_machine:
            csrf.exempt(route.view)
    if pages.install is not None:
        pages.install(app)
