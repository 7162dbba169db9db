"""What takes two people: one of staff asks for it, somebody else does it, the holder reads of it.

A table for such a thing has the columns ``person_id`` (the holder), ``asked_by_person_id``,
``asked_at``, ``until_at``, ``read_at``, and by the word for the second step, such as *given*,
``given_by_person_id`` and ``given_at``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, Table, and_, func, literal, select
from sqlalchemy.orm import Session

from timebank.db import NOW, waiting_row, written
from timebank.errors import NotFound
from timebank.people import may
from timebank.people.queries.kin import not_of_kin
from timebank.people.tables import person
from timebank.rights import Right
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsOfTwo:
    """Both steps as the holder and the staff see them; the names of staff are whole.

    What was done, and by whom, is empty while it waits, until ``until_at``, for the second person.
    """

    id: int
    person_id: int
    asked_by: str
    asked_by_person_id: int
    asked_at: datetime
    until_at: datetime
    done_by: str
    done_by_person_id: int | None
    done_at: datetime | None


Steps = TypeVar("Steps", bound=StepsOfTwo)
_ASKER, _DOER = person.alias("asker"), person.alias("doer")


class ByTwo(Generic[Steps]):
    """The reads of one such table; ``steps`` may add columns of the table as fields.

    ``right`` is what the second member of staff needs.
    """

    def __init__(
        self, of: Table, second: str, steps: type[Steps], *, right: Right = may.SERVE_CARDS
    ) -> None:
        self.of, self._steps, self._right = of, steps, right
        self._done_at, self._doer = of.c[f"{second}_at"], of.c[f"{second}_by_person_id"]
        own = {field.name for field in fields(steps)} - {field.name for field in fields(StepsOfTwo)}
        self._newest = self._query(own)

    def _query(self, own: Iterable[str]) -> Select[Any]:
        usual = ("id", "person_id", "asked_by_person_id", "asked_at", "until_at")
        return (
            select(
                *(self.of.c[name] for name in (*usual, *sorted(own))),
                self._done_at.label("done_at"),
                self._doer.label("done_by_person_id"),
                _ASKER.c.name.label("asked_by"),
                func.coalesce(_DOER.c.name, "").label("done_by"),
            )
            .join(_ASKER, self._is(_ASKER.c, self.of.c.asked_by_person_id))
            .outerjoin(_DOER, self._is(_DOER.c, self._doer))
            .order_by(self.of.c.asked_at.desc())
            .limit(written(1))
        )

    def _is(self, whose: Any, person_id: ColumnElement[Any]) -> ColumnElement[bool]:
        return and_(whose.community_id == self.of.c.community_id, whose.id == person_id)

    def waiting(self, by: By) -> Select[Any] | None:
        """What a second member of staff can do today, who is close to neither of the two."""
        if not self._right.is_held(by):
            return None
        of = self.of.c
        return waiting_row(
            self.of.name,
            of.id,
            since=of.asked_at,
            until=of.until_at,
            person_id=of.person_id,
            count=literal(1),
        ).where(
            of.community_id == by.community_id,
            self._done_at.is_(None),
            of.until_at > NOW,
            not_of_kin(by, person_id=of.asked_by_person_id),
            not_of_kin(by, person_id=of.person_id),
        )

    def named(self, session: Session, community_id: int, steps_id: int) -> Steps:
        """One by its id. **Refuses**: ``NotFound``."""
        found = self._first(session, community_id, self.of.c.id == steps_id)
        if found is None:
            raise NotFound(kind=self.of.name)
        return found

    def waiting_of(
        self, session: Session, community_id: int, whose: ColumnElement[bool], *, now: datetime
    ) -> Steps | None:
        """The one that waits for the second person."""
        is_open = self.of.c.until_at > now
        return self._first(session, community_id, whose, self._done_at.is_(None), is_open)

    def unread(
        self, session: Session, community_id: int, *whose: ColumnElement[bool]
    ) -> Steps | None:
        """The newest one that was done and about which its holder has not read yet."""
        is_unread = self.of.c.read_at.is_(None)
        return self._first(session, community_id, *whose, self._done_at.is_not(None), is_unread)

    def _first(
        self, session: Session, community_id: int, *conditions: ColumnElement[bool]
    ) -> Steps | None:
        of_community = self.of.c.community_id == community_id
        row = session.execute(self._newest.where(of_community, *conditions)).first()
        if row is None:
            return None
        return self._steps(
            **{field.name: row._mapping[field.name] for field in fields(self._steps)}
        )
