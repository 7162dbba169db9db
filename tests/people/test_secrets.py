"""Encrypted data is readable nowhere: no table, deed, audit line or log contains it."""

import logging
import re
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories import people as make
from timebank.db import Database, metadata
from timebank.deeds.running import perform
from timebank.errors import TimebankError
from timebank.people import actions, queries
from timebank.people.actions import NewHousehold, NewPerson, NewProof
from timebank.people.tables import person
from timebank.values import Role

ID_NO = "990106195001010012"
SECRETS = {
    "id number": ID_NO,
    "phone": "10012345678",
    "contacts": "女儿林乙二",
    "notes": "血压偏高",
    "door": "三单元九零九",
    "document": "粤A-低保-77",
    "PIN": "27182",
    "password": "a paper lantern",
}


def _everything(database: Database) -> str:
    """The whole content of the database, as text and as the bytes of each cell."""
    told = []
    with database.reading() as session:
        for table in metadata.sorted_tables:
            for row in session.execute(select(table)):
                told += [
                    bytes(cell).decode("utf-8", "replace")
                    if isinstance(cell, bytes | memoryview)
                    else str(cell)
                    for cell in row
                ]
    return "\n".join(told)


def test_no_secret_lies_open_in_any_table_or_log(
    fresh_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    database = fresh_database
    town = database.write(lambda session, now: make.make_town(session))
    one = NewPerson(
        "陈甲一",
        id_no=ID_NO,
        phone=SECRETS["phone"],
        contacts=SECRETS["contacts"],
        notes=SECRETS["notes"],
    )
    home = NewHousehold("H-0900", town.building_ids[0], SECRETS["door"], (one,))
    enrolled = perform(
        database, actions.enrol_households, by=town.by, request_id="1", households=(home,)
    )
    person_id = enrolled.person_ids[0][0]
    paper = NewProof(
        enrolled.household_ids[0], "dibao", date(2025, 1, 1), date(2025, 12, 31),
        person_id, SECRETS["document"],
    )  # fmt: skip
    perform(database, actions.add_proofs, by=town.by, request_id="2", proofs=(paper,))
    card = perform(
        database, actions.issue_card, by=town.by, request_id="3",
        person_id=person_id, pin=SECRETS["PIN"],
    )  # fmt: skip
    perform(
        database, actions.add_user, by=town.by, request_id="4", person_id=person_id,
        login_name="chen", password=SECRETS["password"], roles=(Role("auditor"),),
    )  # fmt: skip
    again = NewHousehold("H-0901", town.building_ids[0], SECRETS["door"], (one,))
    for number, households in enumerate([(again,), (home,)]):
        with pytest.raises(TimebankError) as refused:
            perform(
                database, actions.enrol_households, by=town.by,
                request_id=f"refused-{number}", households=households,
            )  # fmt: skip
        assert ID_NO not in str(refused.value)
    with database.reading() as session:
        token = queries.card(session, town.community_id, card.card_id).token
    everything = _everything(database) + caplog.text
    for what, secret in {**SECRETS, "card token": token}.items():
        # Five digits stand by chance within one of many ids, so a PIN must stand alone.
        alone = rf"(?<!\d){re.escape(secret)}(?!\d)" if what == "PIN" else re.escape(secret)
        assert not re.search(alone, everything), what
        assert secret[5:] not in everything or len(secret) < 8, what
    assert "陈甲一" in everything  # The search works: it finds names.


def test_people_to_enrol_do_not_show_themselves_in_tracebacks() -> None:
    home = NewHousehold(
        "H-0900", 1, "九零九", (NewPerson("陈甲一", id_no=ID_NO, phone="10012345678"),)
    )
    assert ID_NO not in repr(home) and "九零九" not in repr(home) and "1001234" not in repr(home)


def test_an_id_number_is_found_by_its_keyed_digest_only(session: Session) -> None:
    town = make.make_town(session)
    make.make_household(session, town, NewPerson("陈甲一", id_no=ID_NO))
    digest = session.info["vault"].digest("person.id_no", ID_NO)
    found = select(person.c.name).where(person.c.id_no_digest == digest)
    assert session.scalar(found) == "陈甲一"


def test_the_fingerprint_of_a_deed_hangs_on_the_key(fresh_database: Database) -> None:
    """With a plain hash of a deed, ten thousand guesses would reveal a PIN."""
    from timebank.deeds.running import _Asked
    from timebank.vault.cipher import Vault

    town = fresh_database.write(lambda session, now: make.make_town(session))
    asked = _Asked(actions.set_pin, "set_pin", town.by, "1", {"card_id": 1, "pin": "2718"})
    prints = set()
    for key in (bytes(32), bytes(range(32))):
        session = Session(info={"vault": Vault(key)})
        prints.add(asked.fingerprint(session))
    assert len(prints) == 2


def test_a_fault_of_the_database_does_not_tell_what_was_asked(fresh_database: Database) -> None:
    """A search text may be an id number, and errors end in logs."""
    with fresh_database.reading() as session, pytest.raises(DBAPIError) as fault:
        session.execute(text("SELECT :typed FROM no_such_table"), {"typed": ID_NO})
    assert ID_NO not in str(fault.value)
