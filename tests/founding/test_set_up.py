"""The set-up by a one-time code: hashed, throttled, ended by use; the steps survive, found once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories.empty import TODAY
from timebank.deeds.queries import communities
from timebank.errors import WrongState
from timebank.founding import set_up
from timebank.founding.codes import tidy_code
from timebank.founding.queries import first_slips, is_code_open, set_up_draft_now
from timebank.founding.refusals import SetUpCodeWrong, SetUpUnfinished
from timebank.founding.steps import next_step
from timebank.founding.tables import set_up_code
from timebank.people.refusals import TooManyTries
from timebank.values import local_instant

NOW = local_instant(TODAY, 9)
SHOP = {"code": "S1", "kind": "store", "name_zh": "柳园公益店", "address": "3栋一楼"}
STEPS = {
    "community": {
        "community": {
            "code": "liuyuan", "name_zh": "柳园社区", "street": "车站街道",
            "division_code": "４４０１０６", "contact_name": "陈甲一", "contact_phone": "100-2000",
        }
    },
    "places": {"places": {"buildings": "１２", "grids": "2"}},
    "rules": {"rules": {"preset": "demo"}},
    "shop": {"store": [SHOP], "catalogue": {"items": "all", "services": "all"}},
    "people": {
        "staff": [
            {"name": "陈甲一", "roles": ["coordinator"]},
            {"name": "林乙二", "roles": ["approver"]},
        ]
    },
}  # fmt: skip


def save_all(database):
    for step, given in STEPS.items():
        set_up.save_step(database, step=step, given=given)


def count(database):
    with database.reading() as session:
        return len(communities(session))


def enter(database, typed, source="10.0.0.1"):
    return set_up.open_set_up(database, typed=typed, source=source)


def test_the_code_opens_the_set_up_however_it_is_typed(empty):
    code = set_up.make_code(empty)
    assert len(code) == 11 and code[5] == "-"
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("-", ""), f" {code}　"):
        assert enter(empty, typed) == enter(empty, code)
    assert tidy_code("oil-１") == "0111"


def test_only_a_digest_of_the_code_is_stored(empty):
    code = set_up.make_code(empty)
    with empty.reading() as session:
        stored = session.scalars(select(set_up_code.c.code_digest)).all()
    plain = code.replace("-", "").encode()
    assert all(plain not in digest and len(digest) == 32 for digest in stored)


def test_a_wrong_code_is_refused_and_slows_down_its_sender_alone(empty):
    code = set_up.make_code(empty)
    for _ in range(5):
        with pytest.raises(SetUpCodeWrong):
            enter(empty, "AAAAA-AAAAA")
    with pytest.raises(TooManyTries):
        enter(empty, code)
    assert enter(empty, code, source="10.0.0.2")
    empty.clock = lambda: NOW + timedelta(minutes=1)
    assert enter(empty, code)
    with pytest.raises(SetUpCodeWrong):  # The right code has cleared the count.
        enter(empty, "AAAAA-AAAAA")


def test_a_restarted_server_prints_a_new_code_and_the_old_one_still_opens(empty):
    first, second = set_up.make_code(empty), set_up.make_code(empty)
    assert enter(empty, first) != enter(empty, second)
    empty.clock = lambda: NOW + timedelta(days=7)
    with pytest.raises(SetUpCodeWrong):
        enter(empty, first)
    third = set_up.make_code(empty)  # Ends what is too old.
    with empty.reading() as session:
        living = select(func.count()).where(set_up_code.c.ended_at.is_(None))
        assert session.scalar(living) == 1
    assert enter(empty, third)


def test_each_step_is_saved_and_may_be_saved_again(empty):
    set_up.save_step(empty, step="community", given=STEPS["community"])
    set_up.save_step(
        empty, step="places", given={"grid": [{"name_zh": "东", "buildings": ["1栋"]}]}
    )
    set_up.save_step(empty, step="places", given=STEPS["places"])
    with empty.reading() as session:
        draft = set_up_draft_now(session)
    assert draft.tables == STEPS["community"] | STEPS["places"]
    assert next_step(draft.tables) == "rules" and count(empty) == 0


def test_a_step_with_a_fault_is_not_saved(empty):
    with pytest.raises(SetUpUnfinished):
        set_up.save_step(empty, step="places", given={"places": {"buildings": "1", "grids": "2"}})
    with empty.reading() as session:
        assert set_up_draft_now(session).tables == {}


def test_the_last_step_founds_once_and_ends_the_code(empty):
    code_id = enter(empty, set_up.make_code(empty))
    save_all(empty)
    assert set_up.found_from_draft(empty) == set_up.found_from_draft(empty)
    assert count(empty) == 1 and set_up.make_code(empty) is None
    with empty.reading() as session:
        assert not is_code_open(session, code_id)
        assert set_up_draft_now(session).tables.keys() == {"slips"}
    with pytest.raises(WrongState):
        set_up.save_step(empty, step="rules", given=STEPS["rules"])


def test_nobody_enters_once_there_is_a_community(empty):
    code = set_up.make_code(empty)
    save_all(empty)
    set_up.found_from_draft(empty)
    with pytest.raises(WrongState):
        enter(empty, code)


def test_what_is_missing_or_has_passed_founds_nothing(empty):
    with pytest.raises(SetUpUnfinished) as refused:
        set_up.found_from_draft(empty)
    assert refused.value.facts["step"] == "community"
    save_all(empty)
    closed = SHOP | {"closed_days": [{"day": str(TODAY), "note": "盘点"}]}
    set_up.save_step(empty, step="shop", given=STEPS["shop"] | {"store": [closed]})
    empty.clock = lambda: NOW + timedelta(days=1)
    with pytest.raises(SetUpUnfinished) as refused:
        set_up.found_from_draft(empty)
    assert refused.value.facts["step"] == "shop" and count(empty) == 0


def test_a_founding_that_breaks_leaves_the_draft_whole(empty, monkeypatch):
    save_all(empty)
    monkeypatch.setattr("timebank.founding.entering.insert", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        set_up.found_from_draft(empty)
    with empty.reading() as session:
        assert next_step(set_up_draft_now(session).tables) is None
    monkeypatch.undo()
    assert count(empty) == 0 and set_up.found_from_draft(empty)


def test_the_slips_are_shown_for_an_hour(empty):
    save_all(empty)
    set_up.found_from_draft(empty)
    with empty.reading() as session:
        shown = first_slips(session, now=NOW + timedelta(minutes=59))
        assert [name for _id, name in shown] == ["陈甲一", "林乙二"]
        assert first_slips(session, now=NOW + timedelta(minutes=61)) == []
