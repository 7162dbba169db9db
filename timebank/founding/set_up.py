"""The set-up by the pages: its one-time code, its steps, and the founding at the end.

There is no community and nobody of staff yet, so these open units of work of their own and ask
for the code instead of a right.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from timebank.db import Database, insert_new
from timebank.deeds.queries import communities
from timebank.errors import WrongState
from timebank.founding.codes import LENGTH, LETTERS, tidy_code, written_code
from timebank.founding.entering import found_with_slips
from timebank.founding.queries import set_up_draft_now
from timebank.founding.reading import read_plan
from timebank.founding.refusals import SetUpCodeWrong, SetUpUnfinished
from timebank.founding.steps import STEPS, next_step, step_faults, with_step
from timebank.founding.tables import set_up_code, set_up_draft
from timebank.founding.tries import clear_tries, count_try
from timebank.values import local_day, new_id
from timebank.vault.cipher import vault_of

CODE_LASTS = timedelta(days=7)
_COLUMN = "set_up_code.code"


def make_code(database: Database) -> str | None:
    """Draw a code that opens the set-up; None once there is a community.

    Codes of the last days stay: a set-up goes on after the server was started again.
    """
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))

    def work(session: Session, now: datetime) -> str | None:
        if communities(session):
            return None
        _end_codes(session, now, before=now - CODE_LASTS)
        digest = vault_of(session).digest(_COLUMN, code)
        row = {"id": new_id(), "code_digest": digest, "made_at": now, "ended_at": None}
        insert_new(session, set_up_code, [row])
        return written_code(code)

    return database.write(work)


def open_set_up(database: Database, *, typed: str, source: str) -> int:
    """Check a typed code; return the id under which the browser goes on.

    An attempt is counted before the code is looked at, so that sixteen at once count as sixteen.

    **Refuses**: ``TooManyTries``; ``SetUpCodeWrong``; ``WrongState`` once there is a community.
    """
    database.write(lambda session, now: count_try(session, now, source))

    def work(session: Session, now: datetime) -> int | None:
        _require_none(session)
        digests = vault_of(session).digests(_COLUMN, tidy_code(typed))
        code_id = session.scalar(
            select(set_up_code.c.id).where(
                set_up_code.c.code_digest.in_(digests),
                set_up_code.c.ended_at.is_(None),
                set_up_code.c.made_at > now - CODE_LASTS,
            )
        )
        if code_id is not None:
            clear_tries(session, now, source)
        return code_id

    code_id = database.write(work)
    if code_id is None:
        raise SetUpCodeWrong()
    return code_id


def save_step(database: Database, *, step: str, given: Mapping[str, Any]) -> None:
    """Save one step, whatever was saved of it before; the form has shown its faults already.

    **Refuses**: ``SetUpUnfinished`` for a step with faults; ``WrongState`` once it is founded.
    """

    def work(session: Session, now: datetime) -> None:
        _require_none(session)
        empty = {"id": 1, "tables": "{}", "saved_at": now, "community_id": None}
        insert_new(session, set_up_draft, [empty])
        session.execute(select(set_up_draft.c.id).with_for_update())
        tables = with_step(set_up_draft_now(session).tables, step, given)
        if step_faults(step, tables, today=local_day(now)):
            raise SetUpUnfinished(step=step)
        written = json.dumps(tables, ensure_ascii=False)
        session.execute(update(set_up_draft).values(tables=written, saved_at=now))

    database.write(work)


def found_from_draft(database: Database) -> int:
    """Found the community from the saved steps, and end every code; return its id.

    A second press of the button finds the community of the first one.

    **Refuses**: ``SetUpUnfinished`` with the step; ``WrongState`` if another community is there.
    """

    def work(session: Session, now: datetime) -> int:
        session.execute(select(set_up_draft.c.id).with_for_update())
        draft = set_up_draft_now(session)
        if draft.community_id is not None:
            return draft.community_id
        _require_none(session)
        plan, _faults = read_plan(draft.tables, today=local_day(now))
        if plan is None:
            raise SetUpUnfinished(step=_wrong_step(draft.tables, now))
        founded, made = found_with_slips(session, now, plan)
        slips = [[slip.person_id, slip.name] for slip in made]
        written = json.dumps({"slips": slips}, ensure_ascii=False)
        done = {"tables": written, "saved_at": now, "community_id": founded.community_id}
        session.execute(update(set_up_draft).values(**done))
        _end_codes(session, now)
        return founded.community_id

    community_id = database.write(work, at_most_once=True)
    database.learn_sizes()
    return community_id


def _wrong_step(tables: Mapping[str, Any], now: datetime) -> str:
    """The first step that is missing or has a fault, such as a closed day that has passed."""
    missing, today = next_step(tables), local_day(now)
    return missing or next(step for step in STEPS if step_faults(step, tables, today=today))


def _require_none(session: Session) -> None:
    if communities(session):
        raise WrongState(kind="community", state="founded")


def _end_codes(session: Session, now: datetime, *, before: datetime | None = None) -> None:
    living = update(set_up_code).where(set_up_code.c.ended_at.is_(None)).values(ended_at=now)
    session.execute(living if before is None else living.where(set_up_code.c.made_at <= before))
