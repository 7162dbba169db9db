"""What was typed and not sent is kept sealed for its owner, for some days and no longer."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories.people import a_request_id, make_town, resident
from timebank.deeds.deed import Deed
from timebank.people import actions, queries
from timebank.people.queries.drafts import DRAFT_COLUMN
from timebank.people.rules.visits import DRAFT_LIFE, DRAFTS_MAX
from timebank.people.tables import form_draft
from timebank.schema import every_table
from timebank.vault.cipher import CannotOpen
from timebank.vault.sealed import sealed_columns

PAGE = "/store/intake?store=2"
TYPED = (("lines-0-brought", "3"), ("note", "家里有病人"), ("note", "又一句"))


@pytest.fixture
def owner(fresh_database):
    return fresh_database.write(lambda session, now: resident(session, make_town(session)))


def keep(database, by, page=PAGE, typed=TYPED):
    actions.keep_draft(database, by=by, address=page, typed=typed)


def read(database, by, page=PAGE):
    with database.reading() as session:
        return queries.draft_of(session, by, page, now=database.clock())


def count(database):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(form_draft))


def test_a_draft_comes_back_as_it_was_typed(fresh_database, owner):
    keep(fresh_database, owner)
    assert read(fresh_database, owner) == TYPED
    assert read(fresh_database, owner, "/store/intake") is None
    keep(fresh_database, owner, typed=(("note", "later"),))
    assert read(fresh_database, owner) == (("note", "later"),)
    assert count(fresh_database) == 1


def test_nobody_else_reads_it(fresh_database, owner):
    keep(fresh_database, owner)
    other = fresh_database.write(lambda session, now: resident(session, make_town(session)))
    assert read(fresh_database, other) is None
    actions.drop_draft(fresh_database, by=other, address=PAGE)
    assert read(fresh_database, owner) == TYPED


def test_it_is_sealed(fresh_database, owner):
    keep(fresh_database, owner)
    with fresh_database.reading() as session:
        row = session.execute(select(form_draft)).one()
        vault = session.info["vault"]
    assert "家里" not in str(row) and "家里".encode() not in bytes(row.typed_sealed)
    assert json.loads(vault.open(row.typed_sealed, DRAFT_COLUMN))[0] == ["lines-0-brought", "3"]
    with pytest.raises(CannotOpen):
        vault.open(row.typed_sealed, "person.phone")
    assert DRAFT_COLUMN in [one.name for one in sealed_columns(every_table())]


def test_one_that_cannot_be_read_is_none(fresh_database, owner):
    keep(fresh_database, owner)
    fresh_database.write(
        lambda session, now: session.execute(form_draft.update().values(typed_sealed=b"\x02x"))
    )
    assert read(fresh_database, owner) is None


def test_it_is_dropped_when_sent(fresh_database, owner):
    keep(fresh_database, owner)
    keep(fresh_database, owner, "/me/take")
    actions.drop_draft(fresh_database, by=owner, address=PAGE)
    assert read(fresh_database, owner) is None
    assert read(fresh_database, owner, "/me/take") == TYPED


def test_after_some_days_it_is_neither_shown_nor_kept(fresh_database, owner, clock):
    keep(fresh_database, owner)
    clock.move(days=2)
    keep(fresh_database, owner, "/me/take")
    assert forget(fresh_database, owner) == 0
    clock.now += DRAFT_LIFE - timedelta(days=2)
    assert read(fresh_database, owner) is None
    assert forget(fresh_database, owner) == 1
    assert count(fresh_database) == 1 and read(fresh_database, owner, "/me/take") == TYPED


def forget(database, by):
    def run(session, now):
        return actions.forget_drafts(Deed(session, by, now, a_request_id())).drafts

    return database.write(run)


def test_only_the_newest_pages_of_a_person_are_kept(fresh_database, owner, clock):
    for number in range(DRAFTS_MAX + 2):
        keep(fresh_database, owner, f"/page/{number}")
        clock.move(seconds=1)
    assert count(fresh_database) == DRAFTS_MAX
    assert read(fresh_database, owner, "/page/0") is None
    assert read(fresh_database, owner, f"/page/{DRAFTS_MAX + 1}") == TYPED
    with fresh_database.reading() as session:
        pages = queries.drafted_pages(session, owner, now=clock())
    assert len(pages) == DRAFTS_MAX
