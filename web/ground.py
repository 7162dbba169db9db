"""The database and the community of the application.

Views use ``units``; only the modules below ``units`` use this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask, current_app
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.queries import Community, communities, community, community_by_code

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class NoCommunity(Exception):
    """The database has no community, or not the one that is to be served here.

    ``why``: ``none``, ``several`` where none was selected, ``unknown`` for the selected code.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass
class Ground:
    """The database and the community of the application."""

    database: Database
    code: str = ""
    served_id: int | None = None
    _served: Community | None = field(default=None, init=False)
    is_complete: bool = field(default=False, init=False)  # Nothing of the set-up is missing.

    @property
    def community(self) -> Community:
        if self._served is None:
            with self.database.reading() as session:
                self._served = self._find(session)
        return self._served

    def look_again(self) -> None:
        """Forget what was read: another database is in place."""
        self._served, self.is_complete = None, False

    @property
    def community_id(self) -> int:
        return self.community.id if self.served_id is None else self.served_id

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no community at all, so that the set-up is open."""
        if self.served_id is not None or self._served is not None:
            return False
        try:
            return self.community is None
        except NoCommunity as nothing:
            return nothing.why == "none"

    def _find(self, session: Session) -> Community:
        if self.served_id is not None:
            return community(session, self.served_id)
        if self.code:
            found = community_by_code(session, self.code)
            if found is None:
                is_empty = not communities(session)
                why = "none" if is_empty else "unknown"
                raise NoCommunity(why, f"no community has the code {self.code}")
            return found
        known = communities(session)
        if len(known) != 1:
            raise NoCommunity(
                "several" if known else "none",
                f"{len(known)} communities: set TIMEBANK_COMMUNITY to the code of one",
            )
        return known[0]


def install(app: Flask) -> None:
    """Set them up from ``DATABASE`` and, if given, ``COMMUNITY_ID`` or ``COMMUNITY_CODE``."""
    config = app.config
    app.extensions["timebank"] = Ground(
        database=config["DATABASE"],
        code=config.get("COMMUNITY_CODE", ""),
        served_id=config.get("COMMUNITY_ID"),
    )
    _share_reading(app)


def _share_reading(app: Flask) -> None:
    """Let all reads of one request share a unit of work; a streamed body opens its own."""
    serve = app.wsgi_app

    def serve_in_one_unit(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with app.extensions["timebank"].database.sharing():
            return serve(environ, start)

    app.wsgi_app = serve_in_one_unit  # type: ignore[method-assign]


def ground() -> Ground:
    """The database and community of the application that serves this request."""
    found: Ground = current_app.extensions["timebank"]
    return found


def now() -> datetime:
    """The instant of this request, by the database's clock."""
    return ground().database.clock()
