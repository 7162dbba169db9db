"""Search by name, initials, card or household, within one's sight."""

from dataclasses import replace

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from tests.conftest import only_on
from tests.factories import people as make
from tests.factories.people import Town
from timebank.errors import NotAllowed
from timebank.people import queries
from timebank.people.rules.names import initials_of
from timebank.people.tables import person
from timebank.values import By, Role


@pytest.fixture
def town(session: Session) -> Town:
    """Two families in the first grid, one in the second."""
    town = make.make_town(session)
    make.make_household(session, town, make.new_person("陈甲一"), make.new_person("陈乙二"))
    make.make_household(session, town, make.new_person("单丙三"))
    make.make_household(session, town, make.new_person("欧阳丁"), building=1)
    return town


def _names(session: Session, by: By, text: str) -> list[str]:
    return [found.shown_name for found in queries.search_people(session, by, text)]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("陈", ["陈甲一", "陈乙二"]),
        ("乙二", ["陈乙二"]),
        ("c", ["陈甲一", "陈乙二", "单丙三"]),  # 单 is also read chán, as in 单于.
        ("CJ", ["陈甲一"]),
        ("ｓｂ", ["单丙三"]),
        ("oyd", ["欧阳丁"]),
        ("歐陽", ["欧阳丁"]),
        ("陈　甲一", ["陈甲一"]),
        ("陈\xa0甲 一", ["陈甲一"]),
        ("陳甲", ["陈甲一"]),
        ("d", ["单丙三"]),
        ("cbs", ["单丙三"]),
        ("dx", []),
        ("Ｈ－０００１", ["陈甲一", "陈乙二"]),
        ("h-0001", ["陈甲一", "陈乙二"]),
        ("1", ["陈甲一", "陈乙二"]),
        ("０００１", ["陈甲一", "陈乙二"]),
        ("H-0999", []),
        ("999", []),
        ("", []),
        ("   ", []),
        ("%", []),
        ("_", []),
        ("c%", []),
        ("'; DROP TABLE person; --", []),
    ],
)
def test_people_are_found_as_they_are_asked_for(
    typed: str, names: list[str], session: Session, town: Town
) -> None:
    assert _names(session, town.by, typed) == names


def test_people_are_found_by_card_scanned_or_typed(session: Session, town: Town) -> None:
    (found,) = queries.search_people(session, town.by, "单丙三")
    card = make.make_card(session, town, found.id)
    for typed in (card.token, card.card_no, f"{card.card_no[:3]} {card.card_no[3:]}"):
        assert queries.search_people(session, town.by, typed) == [found]
    # A lost card still finds its owner: the finder brings it to the counter.
    make.make_card(session, town, found.id)
    assert queries.search_people(session, town.by, card.card_no) == [found]


def test_what_is_found_says_where(session: Session, town: Town) -> None:
    (found,) = queries.search_people(session, town.by, "欧阳")
    assert (found.building_no, found.grid_id, found.is_masked) == (2, town.grid_ids[1], False)


def test_names_are_found_however_they_were_stored(session: Session, town: Town) -> None:
    """Older versions kept spaces, and each middle dot as it was typed."""
    kept = ["李 丙", "阿甲•买乙", "阿丙·买丁", "歐陽戊", "覃己"]
    family = make.make_household(
        session, town, *(make.new_person(f"赵{n}") for n in "甲乙丙丁戊")
    ).person_ids
    for person_id, name in zip(family, kept, strict=True):
        session.execute(
            update(person)
            .where(person.c.id == person_id)
            .values(name=name, initials="tj" if name == "覃己" else initials_of(name))
        )
    for typed, found in {
        "李丙": ["李 丙"], "李　丙": ["李 丙"], "阿甲买乙": ["阿甲•买乙"],
        "阿甲・买": ["阿甲•买乙"],
        "阿丙．买丁": ["阿丙·买丁"], "欧阳戊": ["歐陽戊"], "qj": ["覃己"], "tj": ["覃己"],
        "xj": ["覃己"],
    }.items():  # fmt: skip
        assert _names(session, town.by, typed) == found, typed


@pytest.mark.parametrize("typed", ["+86 138 0000 0000", "００８６１３８ 00000000", "138‑0000‑0000"])
@pytest.mark.parametrize("stored", ["13800000000", "+8613800000000", "0086 138 0000 0000"])
def test_a_phone_is_found_in_every_form(
    typed: str, stored: str, session: Session, town: Town
) -> None:
    make.make_household(session, town, replace(make.new_person("赵甲"), phone=stored))
    everyone = replace(town.by, roles=frozenset({Role("coordinator")}))
    assert _names(session, everyone, typed) == ["赵甲"]


def test_a_latin_name_is_found_by_its_letters(session: Session, town: Town) -> None:
    make.make_household(session, town, make.new_person("Ann Bo"))
    assert _names(session, town.by, "ann") == ["Ann Bo"]
    assert _names(session, town.by, "ab") == ["Ann Bo"]


def test_a_keeper_sees_everyone_masked(session: Session, town: Town) -> None:
    found = queries.search_people(session, make.keeper(session, town), "c")
    # The keeper's own name may begin like that.
    assert len(found) >= 2 and {one.is_masked for one in found} == {True}
    assert {one.shown_name[1:] for one in found} == {"**"}


def test_a_grid_worker_sees_his_grid_only(session: Session, town: Town) -> None:
    by = make.grid_worker(session, town)
    assert _names(session, by, "陈甲一") == ["陈甲一"]
    assert _names(session, by, "欧阳") == []
    card = make.make_card(session, town, queries.search_people(session, town.by, "欧阳")[0].id)
    for way in ("oyd", card.token, card.card_no, "H-0003"):
        assert _names(session, by, way) == []
    other = replace(by, roles=frozenset({Role("grid_worker", town.grid_ids[1])}))
    assert _names(session, other, "欧阳") == ["欧阳丁"]


def test_the_number_on_the_paper_in_hand_finds_its_owner(session: Session, town: Town) -> None:
    one = make.new_person("林己六")
    make.make_household(session, town, one, building=1)
    spaced = f"{one.phone[:3]} {one.phone[3:7]}-{one.phone[7:]}"
    for typed in (one.id_no, one.id_no.lower(), one.phone, spaced):
        assert _names(session, town.by, typed) == ["林己六"]
        # Neither a searcher who sees masked names nor one of another grid learns the owner.
        for persona in (make.keeper, make.grid_worker):
            assert _names(session, persona(session, town), typed) == []
    assert _names(session, town.by, one.id_no[:-1]) == []
    assert _names(session, town.by, one.phone[:-1]) == []


@pytest.mark.parametrize("role", ["cashier", "accountant", "auditor"])
def test_the_funds_desk_and_the_auditor_see_masked_names(
    role: str, session: Session, town: Town
) -> None:
    assert _names(session, make.staff(session, town, Role(role)), "欧阳") == ["欧阳*"]


@pytest.mark.parametrize("role", ["approver", "hotline", "social_worker"])
def test_who_works_with_cases_sees_names(role: str, session: Session, town: Town) -> None:
    assert _names(session, make.staff(session, town, Role(role)), "欧阳") == ["欧阳丁"]


@pytest.mark.parametrize("persona", [make.claimant, make.stranger])
def test_a_resident_looks_nobody_up(persona: object, session: Session, town: Town) -> None:
    assert callable(persona)
    for typed in ("陈甲一", "H-0001", ""):
        with pytest.raises(NotAllowed):
            queries.search_people(session, persona(session, town), typed)


def test_the_neighbour_community_finds_nobody_of_ours(session: Session, town: Town) -> None:
    (found,) = queries.search_people(session, town.by, "单丙三")
    card = make.make_card(session, town, found.id)
    by = make.neighbour(session)
    for typed in ("陈甲一", "H-0002", card.token, card.card_no):
        assert queries.search_people(session, by, typed) == []


def test_a_search_gives_no_more_than_asked(session: Session, town: Town) -> None:
    assert len(queries.search_people(session, town.by, "陈", limit=1)) == 1
    assert len(queries.search_people(session, town.by, "陈", limit=-5)) == 1


def test_a_search_is_one_statement_however_many_are_found(session: Session, town: Town) -> None:
    make.make_household(session, town, *(make.new_person(f"陈{n}") for n in "丙丁戊己庚辛"))
    statements: list[str] = []

    def listen(conn: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", listen)
    found = queries.search_people(session, town.by, "陈")
    event.remove(connection, "before_cursor_execute", listen)
    assert len(found) == 8 and len(statements) == 1


@only_on("sqlite")
def test_other_readings_are_found_by_an_index_of_first_characters(session, by_coordinator):
    plans = []

    def note(conn, cursor, text, values, *rest):
        if "length(" in text and not text.startswith("EXPLAIN"):
            plans.append(conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all())

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        queries.search_people(session, by_coordinator, "lx")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [("ix_person_first_character" in plan[0].detail) for plan in plans] == [True]
